/**
 * Puts records one behind the other into a body, each as one entry, until what a request may hold is reached. How an
 * entry looks is the type's.
 */
import type { RefusedItem } from "@tailrace/domain"
import type { Encoded, ReceiverLimits, Records } from "../Receiver.ts"
import { asBuffer } from "./RecordReader.ts"

/** One record's entry: measured first, then written where it has room. */
export interface Entry {
  /** Bytes that `write` will write; a text: why this service can never take the record. */
  measure(index: number): number | string
  /** Writes the one that was measured last; returns where it ends. */
  write(into: Buffer, at: number): number
}

/** `lines`: one behind the other, each with its newline. `array`: a JSON array. */
export type Framing = "lines" | "array"

const openBracket = 0x5b
const comma = 0x2c
const closeBracket = 0x5d

export interface Filling {
  readonly limits: Pick<ReceiverLimits, "recordBytes" | "requestRecords">
  readonly framing: Framing
  readonly entry: Entry
  /** No further entry is begun behind this many bytes; the first one may be larger. Default: what there is room for. */
  readonly goalBytes?: number
}

/** Room for one entry of `recordBytes` and two bytes more is taken for granted. */
export const fillEntries = (records: Records, target: Uint8Array, filling: Filling): Encoded => {
  const { entry, limits } = filling
  // What stands before each entry, and once more behind the last one.
  const around = filling.framing === "array" ? 1 : 0
  const into = asBuffer(target)
  const room = Math.min(into.length, filling.goalBytes ?? into.length) - around
  const looked = Math.min(records.count, limits.requestRecords)
  const refused: Array<RefusedItem> = []
  let at = 0
  let index = 0
  for (; index < looked; index++) {
    const size = entry.measure(index)
    if (typeof size === "string") refused.push({ index, reason: size })
    else if (size > limits.recordBytes) {
      refused.push({ index, reason: `is ${size} bytes, and this service takes at most ${limits.recordBytes}` })
    } else {
      if (at > 0 && at + around + size > room) break
      if (around > 0) into[at] = at === 0 ? openBracket : comma
      at = entry.write(into, at + around)
    }
  }
  if (at > 0 && around > 0) into[at++] = closeBracket
  return { bytes: at, taken: index, refused }
}

/** What a record is refused for that is none. */
export const notAnObject = "is not a JSON object"

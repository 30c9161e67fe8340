/**
 * A chunk with the verdict on each of its records: may its bytes go into an object as they are, do they need `logged`
 * put in front, or are they no record at all? Made once for each chunk, whoever reads it. A value that begins
 * `{"logged":"` takes the quick way: its structure is checked, its JSON is not.
 */
import type { Chunk } from "@tailrace/log"

const openBrace = 0x7b
const closeBrace = 0x7d
const newline = 0x0a
const quickPrefix = new TextEncoder().encode("{\"logged\":\"")
const decoder = new TextDecoder("utf-8", { fatal: true })
const encoder = new TextEncoder()

export interface Checked {
  readonly chunk: Chunk
  /** Values that stand in for the ones in the chunk, by index. */
  readonly replaced: ReadonlyMap<number, Uint8Array>
  /** Why a record is none, by index. */
  readonly refused: ReadonlyMap<number, string>
  /** Which records a destination's own rules filter, by index; for everybody: none. */
  readonly dropped: ReadonlySet<number>
}

const nothingDropped: ReadonlySet<number> = new Set()

const startsQuick = (bytes: Uint8Array, start: number): boolean => {
  for (let index = 0; index < quickPrefix.length; index++) {
    if (bytes[start + index] !== quickPrefix[index]) return false
  }
  return true
}

const parseObject = (text: string): object | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** A function of the value and its append time only: the same record gives the same bytes whenever it is read. */
const slowly = (value: Uint8Array, time: number): Uint8Array | string | undefined => {
  const text = decoder.decode(value)
  const record = parseObject(text)
  if (record === undefined) return "not a JSON object"
  if ("logged" in record && typeof record.logged === "string") return undefined
  const rest = text.slice(text.indexOf("{") + 1)
  const comma = Object.keys(record).length === 0 ? "" : ","
  return encoder.encode(`{"logged":"${new Date(time).toISOString()}"${comma}${rest}`)
}

const slowlySafe = (value: Uint8Array, time: number): Uint8Array | string | undefined => {
  try {
    return slowly(value, time)
  } catch {
    return "not UTF-8"
  }
}

/** What is known of a chunk while its records are checked one after the other. */
interface Verdicts {
  readonly replaced: Map<number, Uint8Array>
  readonly refused: Map<number, string>
  readonly recordBytes: number
}

/** A value that is not seen at once to be in order. */
const lookClosely = (chunk: Chunk, index: number, { recordBytes, refused, replaced }: Verdicts): void => {
  const start = chunk.starts[index] ?? 0
  const length = chunk.lengths[index] ?? -1
  const value = chunk.bytes.subarray(start, start + Math.max(0, length))
  const closed = value[0] === openBrace && value[length - 1] === closeBrace
  if (length < 0) refused.set(index, "no value")
  else if (length > recordBytes) refused.set(index, `over ${recordBytes} bytes`)
  else if (value.includes(newline)) refused.set(index, "a newline inside")
  else if (length < 2 || !closed) refused.set(index, "not a JSON object")
  else if (!startsQuick(chunk.bytes, start)) {
    const result = slowlySafe(value, chunk.times[index] ?? 0)
    if (typeof result === "string") refused.set(index, result)
    else if (result !== undefined) replaced.set(index, result)
  }
}

/** A value over `recordBytes` is refused. */
export const check = (chunk: Chunk, recordBytes: number): Checked => {
  const verdicts: Verdicts = { replaced: new Map(), refused: new Map(), recordBytes }
  const { bytes, count, lengths, starts } = chunk
  // Finds a byte four times as fast as Uint8Array does.
  const searched = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  let newlineAt = -1
  for (let index = 0; index < count; index++) {
    const start = starts[index] ?? 0
    const end = start + (lengths[index] ?? -1)
    if (newlineAt < start) {
      newlineAt = searched.indexOf(newline, start)
      if (newlineAt < 0) newlineAt = Infinity
    }
    const isPlain = newlineAt >= end && end - start <= recordBytes && end - start > quickPrefix.length
      && bytes[end - 1] === closeBrace && startsQuick(bytes, start)
    if (!isPlain) lookClosely(chunk, index, verdicts)
  }
  return { chunk, replaced: verdicts.replaced, refused: verdicts.refused, dropped: nothingDropped }
}

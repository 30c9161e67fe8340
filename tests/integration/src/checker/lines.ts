/** Compares lines of objects with records of the log: who is missing, doubled, in the wrong place, or nobody's. */
import type { Offset } from "@tailrace/log"
import { about, type Complaint } from "./Complaint.ts"

/** A record that a leg was to deliver. */
export interface Expected {
  readonly offset: Offset
  readonly value: Uint8Array
}

const newline = 0x0a

/** The lines of NDJSON, without their ends; a last line without an end is one too. */
export const linesOf = (content: Uint8Array): ReadonlyArray<Uint8Array> => {
  const lines: Array<Uint8Array> = []
  for (let start = 0; start < content.length;) {
    const end = content.indexOf(newline, start)
    lines.push(content.subarray(start, end < 0 ? content.length : end))
    start = end < 0 ? content.length : end + 1
  }
  return lines
}

const isSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.compare(one, other) === 0

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1")

/** Where each content was appended; the same content twice is two records. */
const placesOf = (expected: ReadonlyArray<Expected>) => Map.groupBy(expected, ({ value }) => text(value))

interface Found {
  readonly offsets: ReadonlyArray<Offset>
  readonly doubled: ReadonlyArray<Offset>
  readonly foreign: ReadonlyArray<string>
}

/** Gives each line its record: the first line of a content is its first record, and so on. */
const assign = (expected: ReadonlyArray<Expected>, lines: ReadonlyArray<Uint8Array>): Found => {
  const places = placesOf(expected)
  const used = new Map<string, number>()
  const found = { offsets: new Array<Offset>(), doubled: new Array<Offset>(), foreign: new Array<string>() }
  for (const line of lines) {
    const content = text(line)
    const records = places.get(content)
    const turn = used.get(content) ?? 0
    used.set(content, turn + 1)
    const record = records?.[turn]
    if (record !== undefined) found.offsets.push(record.offset)
    else if (records === undefined) found.foreign.push(content.slice(0, 80))
    else found.doubled.push(records.at(-1)?.offset ?? -1)
  }
  return found
}

/** Offsets that stand behind a higher one. */
const disorderedOf = (offsets: ReadonlyArray<Offset>): ReadonlyArray<Offset> => {
  let highest = -1
  return offsets.filter((offset) => {
    if (offset < highest) return true
    highest = offset
    return false
  })
}

/** Empty exactly if the lines are the records, each once, in their order, byte for byte. */
export const compareLines = (
  where: string,
  expected: ReadonlyArray<Expected>,
  lines: ReadonlyArray<Uint8Array>
): ReadonlyArray<Complaint> => {
  const same = lines.length === expected.length && lines.every((line, index) => isSame(line, expected[index]?.value))
  if (same) return []
  const { doubled, foreign, offsets } = assign(expected, lines)
  const present = new Set(offsets)
  const missing = expected.filter(({ offset }) => !present.has(offset)).map(({ offset }) => offset)
  return [
    ...about("missing", where, missing),
    ...about("doubled", where, doubled),
    ...about("disordered", where, disorderedOf(offsets)),
    ...about("foreign", where, foreign)
  ]
}

/** How large an encoded batch will be, and where to cut entries so that none is larger than allowed. */
import type { Entry } from "@tailrace/log"
import { headerBytes } from "./BatchHeader.ts"
import { recordBytes, RecordSize } from "./RecordWriter.ts"

/** Lengths that encoding needs: of all of the batch, and of each record behind its own length. */
export interface BatchMeasure {
  readonly bytes: number
  readonly bodies: Int32Array
}

export const measureBatch = (entries: ReadonlyArray<Entry>): BatchMeasure => {
  const size = new RecordSize()
  const bodies = new Int32Array(entries.length)
  let bytes = headerBytes
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    const body = entry === undefined ? 0 : size.body(entry, index)
    bodies[index] = body
    bytes += recordBytes(body)
  }
  return { bytes, bodies }
}

/** Exactly the length of `encodeBatch(entries, …)`. */
export const encodedBytes = (entries: ReadonlyArray<Entry>): number => measureBatch(entries).bytes

/** Index after the last entry of the batch that begins at `first`. */
const batchEnd = (entries: ReadonlyArray<Entry>, first: number, maxBytes: number): number => {
  const size = new RecordSize()
  let bytes = headerBytes
  let end = first
  while (end < entries.length) {
    const entry = entries[end]
    if (entry !== undefined) bytes += recordBytes(size.body(entry, end - first))
    if (bytes > maxBytes && end > first) break
    end++
  }
  return end
}

/**
 * Cuts entries into batches that take at most `maxBytes` encoded, or hold a single record.
 *
 * @example `batchesOf(entries, 1_048_576).map((batch) => encodeBatch(batch, options))`
 */
export const batchesOf = (entries: ReadonlyArray<Entry>, maxBytes: number): ReadonlyArray<ReadonlyArray<Entry>> => {
  const batches: Array<ReadonlyArray<Entry>> = []
  for (let first = 0; first < entries.length;) {
    const end = batchEnd(entries, first, maxBytes)
    batches.push(first === 0 && end === entries.length ? entries : entries.slice(first, end))
    first = end
  }
  return batches
}

/**
 * What a read returns: consecutive records of a lane as columns over one buffer, no object per record. The hot path
 * works on the columns; everything else may use `recordAt`. It is not kept: its memory is reused after the next pull.
 */
import type { Entry, Lane, Offset, Topic } from "./Log.ts"

export interface Chunk {
  readonly topic: Topic
  readonly lane: Lane
  /** Where the read began; the first record's offset is `from` or later. */
  readonly from: Offset
  /** Where the next chunk begins: passes over gaps (transaction markers, aborted or compacted records). */
  readonly next: Offset
  /** Number of records; 0 where the read passed over a gap only, so that a position can still move on to `next`. */
  readonly count: number
  /**
   * The values lie in here, each at `starts[i]`, `lengths[i]` bytes long (−1: a tombstone). Where a value begins one
   * byte behind the end of the one before (`starts[i + 1] === starts[i] + lengths[i] + 1`), that byte is a newline:
   * a run of such records can be copied as one slice of NDJSON. The embedded and the memory log always lay them so.
   */
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
  readonly lengths: Int32Array
  /** Absolute offsets, ascending. */
  readonly offsets: Float64Array
  /** Append times in epoch milliseconds, never falling. */
  readonly times: Float64Array
  /** Key of record `i` is `keys[keyOf[i]]`. Each distinct key stands once. */
  readonly keys: ReadonlyArray<string | null>
  readonly keyOf: Uint32Array
  /**
   * Names the stored batch in which the last record of this chunk lies, for `Log.recognizes`; at most 100 characters.
   * Empty where the log cannot lose its end, and where the read met no record.
   */
  readonly mark: string
  headersAt(index: number): Readonly<Record<string, string>>
}

/** One record of a chunk as an object, its value copied: for topics where records are few. */
export interface LogRecord extends Entry {
  readonly offset: Offset
  readonly time: number
}

export const recordAt = (chunk: Chunk, index: number): LogRecord => {
  const start = chunk.starts[index] ?? 0
  const length = chunk.lengths[index] ?? -1
  return {
    key: chunk.keys[chunk.keyOf[index] ?? 0] ?? null,
    value: length < 0 ? null : chunk.bytes.slice(start, start + length),
    headers: chunk.headersAt(index),
    offset: chunk.offsets[index] ?? chunk.from,
    time: chunk.times[index] ?? 0
  }
}

export const recordsOf = (chunk: Chunk): ReadonlyArray<LogRecord> =>
  Array.from({ length: chunk.count }, (_, index) => recordAt(chunk, index))

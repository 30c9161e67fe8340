/** Reads a whole record set for a test, as plain values. */
import { assert } from "@effect/vitest"
import { type Chunk, type LogRecord, recordsOf } from "@tailrace/log"
import { RecordSetReader, type RecordSetReaderOptions } from "../../src/batch/RecordSetReader.ts"
import type { RecordSet } from "../../src/batch/RecordSetReader.ts"
import type { Unreadable } from "../../src/batch/Unreadable.ts"

export interface ReadBack {
  readonly records: ReadonlyArray<LogRecord>
  /** The mark of the chunk that each record came in. */
  readonly marks: ReadonlyArray<string>
  readonly next: number
  readonly chunks: number
  readonly unreadable: Unreadable | undefined
}

/** More means that reading does not end. */
const maxChunks = 100_000
const newline = 0x0a

/** What the port promises of a chunk. */
const checkChunk = (chunk: Chunk, from: number): void => {
  const { bytes, count, keyOf, keys, lengths, next, offsets, starts } = chunk
  assert.strictEqual(chunk.from, from)
  assert.isTrue(next > from)
  assert.strictEqual(new Set(keys).size, keys.length)
  assert.isFalse(Buffer.isBuffer(bytes))
  let end = 0
  let least = from
  for (let index = 0; index < count; index++) {
    const length = lengths[index] ?? 0
    assert.strictEqual(starts[index], end)
    end += length + 1
    if (length >= 0) assert.strictEqual(bytes[end - 1], newline)
    assert.isTrue((offsets[index] ?? -1) >= least && (keyOf[index] ?? 0) < keys.length)
    least = (offsets[index] ?? 0) + 1
  }
  assert.strictEqual(end, bytes.length)
  assert.isTrue(next >= least)
  assert.strictEqual(chunk.mark === "", count === 0)
}

const makeReader = (options?: Partial<RecordSetReaderOptions>) =>
  new RecordSetReader({ topic: "flow", lane: 3, ...options })

export const readWith = (reader: RecordSetReader, set: RecordSet): ReadBack => {
  const records: Array<LogRecord> = []
  const marks: Array<string> = []
  let position = set.from
  let chunks = 0
  reader.load(set)
  for (let read = reader.next(); read !== undefined; read = reader.next()) {
    if ("_tag" in read) {
      assert.isUndefined(reader.next())
      return { records, marks, next: position, chunks, unreadable: read }
    }
    checkChunk(read, position)
    const { mark } = read
    const found = recordsOf(read)
    records.push(...found)
    marks.push(...found.map(() => mark))
    position = read.next
    assert.isTrue(++chunks < maxChunks)
  }
  return { records, marks, next: position, chunks, unreadable: undefined }
}

export const readSet = (
  set: Partial<RecordSet> & Pick<RecordSet, "bytes">,
  options?: Partial<RecordSetReaderOptions>
) => readWith(makeReader(options), { from: 0, aborted: [], ...set })

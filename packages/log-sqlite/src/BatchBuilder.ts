/**
 * Gathers entries into batches as they are stored: values copied side by side, columns beside them. A batch is cut
 * at 1 MiB, so that reading one costs little memory.
 */
import type { Entry } from "@tailrace/log"
import { encodeColumns, type HeaderPair } from "./BatchFormat.ts"
import { type BufferPool, pooledBytes } from "./BufferPool.ts"

/** Bounds of one batch; a single larger record is a batch of its own. */
const maxBatchBytes = 1_048_576
const maxBatchRecords = 16_384

/** A batch that outgrows this takes a buffer of the pool. */
const smallBytes = 65_536

const newline = 0x0a

/** One batch, ready to be stored; both blobs lie in buffers of their own. */
export interface Batch {
  readonly count: number
  readonly columns: Uint8Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** About how much memory an entry takes while it waits: value, key, headers and its place in the columns. */
export const entryBytes = ({ headers, key, value }: Entry): number =>
  32 + (value?.length ?? 0) + (key?.length ?? 0) * 2 + (headers === undefined ? 0 : JSON.stringify(headers).length)

const valueBytes = ({ value }: Entry): number => value === null ? 0 : value.length + 1

interface Growing {
  bytes: Uint8Array<ArrayBuffer>
  end: number
  /** Bytes that keys and headers take, so that these too count against the batch's bound. */
  extra: number
  readonly lengths: Array<number>
  readonly keyOf: Array<number>
  readonly keys: Map<string | null, number>
  readonly headers: Array<HeaderPair>
}

const startBatch = (bytes: Uint8Array<ArrayBuffer>): Growing => ({
  bytes,
  end: 0,
  extra: 0,
  lengths: [],
  keyOf: [],
  keys: new Map(),
  headers: []
})

const bufferFor = (pool: BufferPool, bytes: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(bytes <= smallBytes ? new ArrayBuffer(bytes) : pool.take())

const reserve = (batch: Growing, pool: BufferPool, end: number): void => {
  if (end <= batch.bytes.length) return
  const larger = bufferFor(pool, Math.max(end, batch.bytes.length * 2))
  larger.set(batch.bytes.subarray(0, batch.end))
  batch.bytes = larger
}

const keyIndex = (batch: Growing, key: string | null): number => {
  const known = batch.keys.get(key)
  if (known !== undefined) return known
  const index = batch.keys.size
  batch.keys.set(key, index)
  batch.extra += 4 + (key?.length ?? 0)
  return index
}

const addHeaders = (batch: Growing, { headers }: Entry): void => {
  if (headers === undefined || Object.keys(headers).length === 0) return
  batch.headers.push([batch.lengths.length, { ...headers }])
  batch.extra += JSON.stringify(headers).length
}

const addRecord = (batch: Growing, pool: BufferPool, entry: Entry): void => {
  const { key, value } = entry
  addHeaders(batch, entry)
  batch.lengths.push(value === null ? -1 : value.length)
  batch.keyOf.push(keyIndex(batch, key))
  if (value === null) return
  reserve(batch, pool, batch.end + value.length + 1)
  batch.bytes.set(value, batch.end)
  batch.end += value.length + 1
  batch.bytes[batch.end - 1] = newline
}

const finish = (batch: Growing): Batch => ({
  count: batch.lengths.length,
  columns: encodeColumns({
    count: batch.lengths.length,
    lengths: batch.lengths,
    keyOf: batch.keyOf,
    deltas: undefined,
    keys: [...batch.keys.keys()],
    headers: batch.headers
  }),
  bytes: batch.bytes.subarray(0, batch.end)
})

const isFull = (batch: Growing, entry: Entry): boolean =>
  batch.lengths.length >= maxBatchRecords ||
  (batch.lengths.length > 0 && batch.end + batch.extra + valueBytes(entry) > maxBatchBytes)

/** The batches of one lane of one topic that wait for the next commit. */
export interface BatchBuilder {
  /** Takes copies of the entries; answers the index of the first among all that were added. */
  add(entries: ReadonlyArray<Entry>): number
  /** All that was added, in order. The builder is not used afterwards. */
  finish(): ReadonlyArray<Batch>
}

export const makeBatchBuilder = (pool: BufferPool): BatchBuilder => {
  const done: Array<Batch> = []
  let count = 0
  let batch: Growing | undefined
  const room = (entries: ReadonlyArray<Entry>): number =>
    Math.min(pooledBytes, entries.reduce((sum, entry) => sum + valueBytes(entry), 0))
  return {
    add: (entries) => {
      const first = count
      for (const entry of entries) {
        if (batch !== undefined && isFull(batch, entry)) {
          done.push(finish(batch))
          batch = undefined
        }
        batch ??= startBatch(bufferFor(pool, room(entries)))
        addRecord(batch, pool, entry)
      }
      count += entries.length
      return first
    },
    finish: () => batch === undefined ? done : [...done, finish(batch)]
  }
}

/**
 * Reads a chunk: a large batch as it lies on disk, small ones joined. Its columns go into one buffer, so that handing
 * the chunk over transfers two buffers and copies nothing.
 */
import type { Offset } from "@tailrace/log"
import { BatchDamaged, deltaAt, type HeaderPair, indexAt } from "../BatchFormat.ts"
import type { ChunkMessage } from "../WorkerMessage.ts"
import { batchesBetween, type BatchHead, floorHead, headsFrom, type LaneTable, type StoredBatch } from "./LaneTable.ts"

/** Batches are joined up to here; a single batch may be larger only if one record is. */
const maxChunkBytes = 2 * 1_048_576
const maxChunkBatches = 256

interface Slice {
  readonly batch: StoredBatch
  /** Index of the first record wanted. */
  readonly first: number
}

/** The batches to read: from the one that holds `from` on. */
const headsAt = (table: LaneTable, from: Offset): ReadonlyArray<BatchHead> => {
  const floor = floorHead(table, from)
  const first = floor !== undefined && floor.next > from ? floor.base : from
  return headsFrom(table, {
    from: first,
    maxBatches: maxChunkBatches,
    maxBytes: maxChunkBytes,
    appendedBefore: Infinity
  })
}

const valuesEnd = ({ bytes, columns }: StoredBatch): number => {
  let end = 0
  for (let index = 0; index < columns.count; index++) end += (columns.lengths[index] ?? 0) + 1
  if (end !== bytes.length) throw new BatchDamaged("values of a wrong length")
  return end
}

/** Copies the batches' bytes side by side and frees them; a single one is taken as it is. */
const joinBytes = (slices: ReadonlyArray<Slice>): Uint8Array<ArrayBuffer> => {
  const [only, ...others] = slices
  if (only !== undefined && others.length === 0) return only.batch.bytes
  const size = slices.reduce((sum, { batch }) => sum + batch.bytes.length, 0)
  // Not cleared: filled to its end below.
  const joined = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)
  let end = 0
  for (const { batch: { bytes } } of slices) {
    joined.set(bytes, end)
    end += bytes.length
    bytes.buffer.transfer(0)
  }
  return joined
}

interface Layout {
  readonly offsets: Float64Array<ArrayBuffer>
  readonly times: Float64Array<ArrayBuffer>
  readonly starts: Uint32Array<ArrayBuffer>
  readonly lengths: Int32Array<ArrayBuffer>
  readonly keyOf: Uint32Array<ArrayBuffer>
  readonly keys: Map<string | null, number>
  readonly headers: Array<HeaderPair>
}

const layoutOf = (count: number): Layout => {
  const buffer = new ArrayBuffer(28 * count)
  return {
    offsets: new Float64Array(buffer, 0, count),
    times: new Float64Array(buffer, 8 * count, count),
    starts: new Uint32Array(buffer, 16 * count, count),
    lengths: new Int32Array(buffer, 20 * count, count),
    keyOf: new Uint32Array(buffer, 24 * count, count),
    keys: new Map(),
    headers: []
  }
}

/** Where a batch's keys lie among the chunk's. */
const mergeKeys = (known: Map<string | null, number>, keys: ReadonlyArray<string | null>): ReadonlyArray<number> =>
  keys.map((key) => {
    const index = known.get(key) ?? known.size
    known.set(key, index)
    return index
  })

/** Fills in the columns of one batch from record `at` of the chunk on; its bytes begin at `bytesAt`. */
const layBatch = (layout: Layout, { batch, first }: Slice, { at, bytesAt }: { at: number; bytesAt: number }): void => {
  const { base, columns, time } = batch
  const keyIndexes = mergeKeys(layout.keys, columns.keys)
  let start = bytesAt
  for (let index = 0; index < columns.count; index++) {
    const length = columns.lengths[index] ?? 0
    if (index >= first) {
      const target = at + index - first
      layout.offsets[target] = base + deltaAt(columns, index)
      layout.times[target] = time
      layout.starts[target] = start
      layout.lengths[target] = length
      layout.keyOf[target] = keyIndexes[columns.keyOf[index] ?? 0] ?? 0
    }
    start += length + 1
  }
  for (const [index, headers] of columns.headers) {
    if (index >= first) layout.headers.push([at + index - first, headers])
  }
}

const assemble = (slices: ReadonlyArray<Slice>, next: Offset): ChunkMessage => {
  const count = slices.reduce((sum, { batch, first }) => sum + batch.columns.count - first, 0)
  const layout = layoutOf(count)
  let at = 0
  let bytesAt = 0
  for (const slice of slices) {
    layBatch(layout, slice, { at, bytesAt })
    at += slice.batch.columns.count - slice.first
    bytesAt += valuesEnd(slice.batch)
  }
  return { ...layout, next, count, bytes: joinBytes(slices), keys: [...layout.keys.keys()] }
}

/**
 * The records from `from` on, as many as a chunk holds; none if there are none, with `next` at the lane's end. `from`
 * lies within the lane's bounds.
 */
export const readChunk = (table: LaneTable, from: Offset): ChunkMessage => {
  const heads = headsAt(table, from)
  const [first] = heads
  const last = heads.at(-1)
  if (first === undefined || last === undefined) return assemble([], table.state.next)
  const slices = batchesBetween(table, first.base, last.base).map((batch) => ({
    batch,
    first: indexAt(batch.columns, from - batch.base)
  }))
  return assemble(slices, last.next)
}

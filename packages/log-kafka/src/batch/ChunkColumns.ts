/** The memory of a reader's chunks, grown as needed and used again: values in one arena, the rest in columns. */
import type { Chunk } from "@tailrace/log"
import { HeaderStore } from "./HeaderStore.ts"
import { KeyTable } from "./KeyTable.ts"
import type { RecordCursor } from "./RecordCursor.ts"

const newline = 0x0a
const firstBytes = 16_384
const firstRows = 256
/** No date lies beyond it. */
const maxTime = 8.64e15

export interface ChunkBound {
  /** Of records as they are stored; a single one may be larger. */
  readonly bytes: number
  readonly records: number
}

const larger = <A extends Float64Array | Int32Array | Uint32Array>(column: A, grown: A): A => {
  grown.set(column)
  return grown
}

/** Some producers write any number. */
const clampTime = (time: number): number => time > 0 ? Math.min(time, maxTime) : 0

export class ChunkColumns {
  count = 0

  private readonly bound: ChunkBound
  private readonly keys = new KeyTable()
  private readonly headers = new HeaderStore()
  private arena = Buffer.allocUnsafeSlow(firstBytes)
  private end = 0
  /** Stored size of the records taken. */
  private taken = 0
  private rows = firstRows
  private starts = new Uint32Array(firstRows)
  private lengths = new Int32Array(firstRows)
  private keyOf = new Uint32Array(firstRows)
  private offsets = new Float64Array(firstRows)
  private times = new Float64Array(firstRows)

  constructor(bound: ChunkBound) {
    this.bound = bound
  }

  /** A new chunk begins: the one before is no longer valid. */
  begin(): void {
    this.count = 0
    this.end = 0
    this.taken = 0
    this.keys.begin()
    this.headers.begin()
    if (this.arena.length > 2 * this.bound.bytes) this.arena = Buffer.allocUnsafeSlow(this.bound.bytes)
  }

  /** May a record of this stored size be added? */
  fits(size: number): boolean {
    return this.count < this.bound.records && (this.count === 0 || this.taken + size <= this.bound.bytes)
  }

  /** Copies the cursor's present record. */
  add(record: RecordCursor, offset: number, time: number): void {
    const { bytes, keyAt, keyLength, valueAt, valueLength } = record
    const row = this.addRow(offset, time)
    this.keyOf[row] = this.keys.indexOf(bytes, keyAt, keyLength)
    if (record.headerCount > 0) this.headers.keep(row, record)
    this.taken += record.length
    if (valueLength < 0) {
      this.lengths[row] = -1
      return
    }
    this.lengths[row] = valueLength
    const end = this.end + valueLength
    if (end >= this.arena.length) this.growArena(end + 1)
    bytes.copy(this.arena, this.end, valueAt, valueAt + valueLength)
    this.arena[end] = newline
    this.end = end + 1
  }

  /** Views over the columns. The bytes are no `Buffer`: whose `slice` would not copy. */
  chunk(): Pick<
    Chunk,
    "count" | "bytes" | "starts" | "lengths" | "offsets" | "times" | "keys" | "keyOf" | "headersAt"
  > {
    const { count } = this
    return {
      count,
      bytes: new Uint8Array(this.arena.buffer, this.arena.byteOffset, this.end),
      starts: this.starts.subarray(0, count),
      lengths: this.lengths.subarray(0, count),
      offsets: this.offsets.subarray(0, count),
      times: this.times.subarray(0, count),
      keys: this.keys.keys,
      keyOf: this.keyOf.subarray(0, count),
      headersAt: (index) => this.headers.at(index)
    }
  }

  private addRow(offset: number, time: number): number {
    const row = this.count++
    if (row === this.rows) this.growRows()
    this.starts[row] = this.end
    this.offsets[row] = offset
    this.times[row] = clampTime(time)
    return row
  }

  private growRows(): void {
    const rows = Math.min(2 * this.rows, this.bound.records)
    this.starts = larger(this.starts, new Uint32Array(rows))
    this.lengths = larger(this.lengths, new Int32Array(rows))
    this.keyOf = larger(this.keyOf, new Uint32Array(rows))
    this.offsets = larger(this.offsets, new Float64Array(rows))
    this.times = larger(this.times, new Float64Array(rows))
    this.rows = rows
  }

  private growArena(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(2 * this.arena.length, this.bound.bytes)))
    this.arena.copy(grown, 0, 0, this.end)
    this.arena = grown
  }
}

/**
 * Records of one leg as they lie in the log, about as many as one request takes: columns over one buffer, and what has
 * become of each. Refused ones stay until the cursor has passed them, for the quarantine needs their bytes.
 */
import type { Offset } from "@tailrace/log"
import type { Requests } from "./Requests.ts"

/** Not sent yet, or not answered. */
export const open = 0
/** The receiver has it. */
export const taken = 1
/** Goes to quarantine. */
export const refused = 2

const fewestColumns = 64

const grown = <A extends Uint8Array | Uint32Array | Float64Array>(column: A, larger: A): A => {
  larger.set(column)
  return larger
}

export class Batch {
  bytes: Uint8Array<ArrayBuffer>
  used = 0
  count = 0
  starts: Uint32Array<ArrayBuffer>
  /** Exclusive. */
  ends: Uint32Array<ArrayBuffer>
  offsets: Float64Array<ArrayBuffer>
  verdicts: Uint8Array<ArrayBuffer>
  readonly reasons = new Map<number, string>()
  refusedBytes = 0
  /** Takes nothing more. */
  closed = false
  /** Records before it are in a parcel, or were. */
  cut = 0
  /** Records before it are in the ledger, or on their way there. */
  front = 0
  /** When the leg's fiber first saw it, in monotonic milliseconds. */
  seenAt: number | null = null
  private readonly requests: Requests

  /** `bytes` and `records`: to begin with; it grows. */
  constructor(requests: Requests, { bytes, records }: { readonly bytes: number; readonly records: number }) {
    this.requests = requests
    const columns = Math.max(fewestColumns, records)
    this.starts = new Uint32Array(columns)
    this.ends = new Uint32Array(columns)
    this.offsets = new Float64Array(columns)
    this.verdicts = new Uint8Array(columns)
    this.bytes = requests.buffers.take(bytes)
    requests.budget.take(this.bytes.length)
  }

  /** Makes room for `bytes` more, and for one more record. */
  reserve(bytes: number): void {
    if (this.used + bytes > this.bytes.length) this.growBytes(this.used + bytes)
    if (this.count === this.offsets.length) this.growColumns()
  }

  /** Copies the value of one record; there is room for it. */
  add(value: Uint8Array, offset: Offset): void {
    this.bytes.set(value, this.used)
    this.note(this.used, this.used + value.length, offset)
    this.used += value.length
  }

  /** The next record lies at [start, end) of `bytes`, where it was copied to. */
  note(start: number, end: number, offset: Offset): void {
    if (this.count === this.offsets.length) this.growColumns()
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.offsets[this.count] = offset
    this.count++
  }

  take(index: number): void {
    this.verdicts[index] = taken
  }

  takeAll(from: number, end: number): void {
    this.verdicts.fill(taken, from, end)
  }

  refuse(index: number, reason: string): void {
    this.verdicts[index] = refused
    this.reasons.set(index, reason)
    this.refusedBytes += this.lengthOf(index)
  }

  isOpen(index: number): boolean {
    return this.verdicts[index] === open
  }

  lengthOf(index: number): number {
    return (this.ends[index] ?? 0) - (this.starts[index] ?? 0)
  }

  /** A copy of a record's value. */
  valueOf(index: number): Uint8Array {
    return this.bytes.slice(this.starts[index] ?? 0, this.ends[index] ?? 0)
  }

  /** Nothing is known of any of its records. */
  get isAllOpen(): boolean {
    return this.verdicts.subarray(0, this.count).every((verdict) => verdict === open)
  }

  release(): void {
    if (this.bytes.length === 0) return
    this.requests.budget.give(this.bytes.length)
    this.requests.buffers.give(this.bytes)
    this.bytes = new Uint8Array()
  }

  private growBytes(needed: number): void {
    const { budget, buffers } = this.requests
    const larger = buffers.take(needed)
    budget.take(larger.length)
    larger.set(this.bytes.subarray(0, this.used))
    budget.give(this.bytes.length)
    buffers.give(this.bytes)
    this.bytes = larger
  }

  private growColumns(): void {
    const size = this.offsets.length * 2
    this.starts = grown(this.starts, new Uint32Array(size))
    this.ends = grown(this.ends, new Uint32Array(size))
    this.offsets = grown(this.offsets, new Float64Array(size))
    this.verdicts = grown(this.verdicts, new Uint8Array(size))
  }
}

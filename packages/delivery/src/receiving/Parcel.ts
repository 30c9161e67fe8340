/** Records of one batch that one request shall hold. It only names them; the batch holds their bytes. */
import type { Records } from "@tailrace/destinations"
import type { Offset } from "@tailrace/log"
import type { Batch } from "./Batch.ts"

export class Parcel {
  readonly batch: Batch
  /** Indexes in the batch, rising. */
  readonly from: number
  readonly end: number
  /** Where not all of [from, end) are meant. */
  readonly picked: ReadonlyArray<number> | null

  private constructor(batch: Batch, { end, from, picked }: Pick<Parcel, "from" | "end" | "picked">) {
    this.batch = batch
    this.from = from
    this.end = end
    this.picked = picked
  }

  /** All of [from, end). */
  static range(batch: Batch, from: number, end: number): Parcel {
    return new Parcel(batch, { from, end, picked: null })
  }

  static of(batch: Batch, picked: ReadonlyArray<number>): Parcel {
    const from = picked[0] ?? 0
    const end = (picked.at(-1) ?? -1) + 1
    return new Parcel(batch, { from, end, picked: end - from === picked.length ? null : picked })
  }

  get count(): number {
    return this.picked?.length ?? this.end - this.from
  }

  get firstOffset(): Offset {
    return this.batch.offsets[this.from] ?? 0
  }

  /** Of the records as they lie in the log. */
  get bytes(): number {
    if (this.picked === null) return (this.batch.ends[this.end - 1] ?? 0) - (this.batch.starts[this.from] ?? 0)
    return this.picked.reduce((sum, index) => sum + this.batch.lengthOf(index), 0)
  }

  /** Index in the batch of the record that is number `n` of the parcel. */
  indexOf(n: number): number {
    return this.picked === null ? this.from + n : this.picked[n] ?? this.end
  }

  /** Numbers [from, end) of it. */
  slice(from: number, end: number): Parcel {
    const { batch, picked } = this
    if (picked !== null) return Parcel.of(batch, picked.slice(from, end))
    return Parcel.range(batch, this.from + from, this.from + end)
  }

  /** The records with these numbers, rising. */
  pick(numbers: ReadonlyArray<number>): Parcel {
    return Parcel.of(this.batch, numbers.map((n) => this.indexOf(n)))
  }

  /** How many of its first records have at most `bytes` together; at least one. */
  countWithin(bytes: number): number {
    const { count } = this
    let sum = 0
    for (let n = 0; n < count; n++) {
      sum += this.batch.lengthOf(this.indexOf(n))
      if (sum > bytes) return Math.max(1, n)
    }
    return count
  }

  /** For the encoder; reads the batch's memory. */
  get records(): Records {
    const { bytes, ends, offsets, starts } = this.batch
    const { count, end, from, picked } = this
    if (picked === null) {
      return {
        bytes,
        count,
        starts: starts.subarray(from, end),
        ends: ends.subarray(from, end),
        offsets: offsets.subarray(from, end)
      }
    }
    return {
      bytes,
      count,
      starts: Uint32Array.from(picked, (index) => starts[index] ?? 0),
      ends: Uint32Array.from(picked, (index) => ends[index] ?? 0),
      offsets: Float64Array.from(picked, (index) => offsets[index] ?? 0)
    }
  }
}

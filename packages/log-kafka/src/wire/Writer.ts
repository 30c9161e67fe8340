/** Writes requests of the Kafka protocol: big-endian numbers, strings and arrays with their length before them. */

import { largeBytes, takeMemory } from "./LargeMemory.ts"

const firstBytes = 256

/** @example `new Writer().int16(3).string("tailrace.flow").bytes` */
export class Writer {
  private data: Buffer = Buffer.allocUnsafeSlow(firstBytes)
  private end: number
  private readonly headRoom: number

  /** @param headRoom bytes that are left free before what is written */
  constructor(headRoom = 0) {
    this.headRoom = headRoom
    this.end = headRoom
  }

  /** What was written; valid until the next call of a method. */
  get bytes(): Buffer {
    return this.data.subarray(this.headRoom, this.end)
  }

  /** The same with the head room before it. */
  get framed(): Buffer {
    return this.data.subarray(0, this.end)
  }

  private reserve(length: number): number {
    const at = this.end
    this.end += length
    if (this.end > this.data.length) {
      const size = Math.max(this.end, this.data.length * 2)
      const larger = size < largeBytes ? Buffer.allocUnsafeSlow(size) : takeMemory(size)
      this.data.copy(larger, 0, 0, at)
      this.data = larger
    }
    return at
  }

  /** Makes room for `length` bytes more at once, so that large values are not moved again and again. */
  expect(length: number): this {
    this.reserve(length)
    this.end -= length
    return this
  }

  int8(value: number): this {
    const at = this.reserve(1)
    this.data.writeInt8(value, at)
    return this
  }

  int16(value: number): this {
    const at = this.reserve(2)
    this.data.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.reserve(4)
    this.data.writeInt32BE(value, at)
    return this
  }

  /** A whole number below 2^53 in size, in eight bytes. */
  int64(value: number): this {
    const at = this.reserve(8)
    this.data.writeInt32BE(Math.floor(value / 2 ** 32), at)
    this.data.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, at + 4)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  /** As it is, without a length. */
  raw(value: Uint8Array): this {
    const at = this.reserve(value.length)
    this.data.set(value, at)
    return this
  }

  string(value: string): this {
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  nullableString(value: string | null): this {
    return value === null ? this.int16(-1) : this.string(value)
  }

  byteString(value: Uint8Array): this {
    return this.int32(value.length).raw(value)
  }

  array<A>(values: ReadonlyArray<A>, write: (value: A) => void): this {
    this.int32(values.length)
    values.forEach(write)
    return this
  }

  /** Base-128, as the flexible versions of the protocol write lengths. */
  unsignedVarint(value: number): this {
    let rest = value
    while (rest >= 0x80) {
      this.int8(((rest % 0x80) | 0x80) << 24 >> 24)
      rest = Math.floor(rest / 0x80)
    }
    return this.int8(rest)
  }

  compactString(value: string): this {
    const bytes = Buffer.from(value)
    return this.unsignedVarint(bytes.length + 1).raw(bytes)
  }
}

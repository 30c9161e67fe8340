/** Reads answers of the Kafka protocol. An answer that is cut off throws a `RangeError`, which the link reports. */

/** @example `const reader = new Reader(bytes); const code = reader.int16()` */
export class Reader {
  private at = 0
  readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  private advance(length: number): number {
    const at = this.at
    if (length < 0 || at + length > this.bytes.length) throw new RangeError("the answer ends too early")
    this.at += length
    return at
  }

  int8(): number {
    return this.bytes.readInt8(this.advance(1))
  }

  int16(): number {
    return this.bytes.readInt16BE(this.advance(2))
  }

  int32(): number {
    return this.bytes.readInt32BE(this.advance(4))
  }

  /** Exact below 2^53; offsets and times never come near it. */
  int64(): number {
    const at = this.advance(8)
    return this.bytes.readInt32BE(at) * 2 ** 32 + this.bytes.readUInt32BE(at + 4)
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  /** The next `length` bytes, not copied. */
  raw(length: number): Buffer {
    const at = this.advance(length)
    return this.bytes.subarray(at, at + length)
  }

  nullableString(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.raw(length).toString()
  }

  string(): string {
    return this.nullableString() ?? ""
  }

  /** Not copied; null and empty are the same. */
  byteString(): Buffer {
    return this.raw(Math.max(0, this.int32()))
  }

  /** A null array is an empty one. */
  array<A>(read: () => A): ReadonlyArray<A> {
    return Array.from({ length: Math.max(0, this.int32()) }, read)
  }

  unsignedVarint(): number {
    let value = 0
    let scale = 1
    while (true) {
      const byte = this.bytes.readUInt8(this.advance(1))
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
  }

  compactNullableString(): string | null {
    const length = this.unsignedVarint() - 1
    return length < 0 ? null : this.raw(length).toString()
  }

  compactArray<A>(read: () => A): ReadonlyArray<A> {
    return Array.from({ length: Math.max(0, this.unsignedVarint() - 1) }, read)
  }

  /** Fields that a later version may have added: passed over. */
  taggedFields(): void {
    for (let left = this.unsignedVarint(); left > 0; left--) {
      this.unsignedVarint()
      this.raw(this.unsignedVarint())
    }
  }
}

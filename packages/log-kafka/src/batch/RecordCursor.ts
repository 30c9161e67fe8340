/**
 * Steps over the records of one batch, decompressed, without making an object of any. Believes no length: all that it
 * points to lies within the batch. A record that does not is a `fault`, and the last one.
 *
 * ```text
 * record  := length:varint attributes:i8 timeDelta:varlong offsetDelta:varint
 *            keyLength:varint key valueLength:varint value headerCount:varint header*
 * header  := nameLength:varint name valueLength:varint value      lengths below 0: null
 * varint  := zigzag, seven bits a byte, the lowest first
 * ```
 *
 * Source: Apache Kafka, `DefaultRecord.java`.
 */
const emptyBytes = Buffer.alloc(0)
const maxShift = 28

/** Where a batch's records lie, and what its header says about them. */
export interface RecordsPlace {
  readonly bytes: Buffer
  readonly at: number
  readonly end: number
  readonly count: number
  readonly lastOffsetDelta: number
}

export class RecordCursor {
  bytes: Buffer = emptyBytes
  /** Of the present record: its place, and those of its parts; a length below 0 is null. */
  length = 0
  timeDelta = 0
  offsetDelta = -1
  keyAt = 0
  keyLength = -1
  valueAt = 0
  valueLength = -1
  headerCount = 0
  headersAt = 0
  headersEnd = 0
  /** Why the batch cannot be read any further. */
  fault: string | undefined

  private at = 0
  private end = 0
  private left = 0
  private lastOffsetDelta = 0

  open({ at, bytes, count, end, lastOffsetDelta }: RecordsPlace): void {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.left = count
    this.lastOffsetDelta = lastOffsetDelta
    this.offsetDelta = -1
    this.fault = undefined
  }

  /** Lets go of the bytes. */
  close(): void {
    this.bytes = emptyBytes
    this.at = 0
    this.end = 0
    this.left = 0
  }

  /** Moves on to the next record; false: there is none, or a fault. */
  next(): boolean {
    if (this.left === 0) return this.finish()
    this.left--
    this.length = this.varint()
    const end = this.at + this.length
    if (this.length < 0 || end > this.end) return this.fail("a record reaches beyond it")
    if (!this.readParts(end)) return this.fail("the parts of a record do not fill it")
    return this.fault === undefined
  }

  private finish(): boolean {
    return this.at === this.end ? false : this.fail("there are bytes behind its last record")
  }

  private fail(fault: string): boolean {
    this.fault ??= fault
    return false
  }

  private readParts(end: number): boolean {
    this.at++
    this.timeDelta = this.varlong()
    const offsetDelta = this.varint()
    if (offsetDelta <= this.offsetDelta || offsetDelta > this.lastOffsetDelta) {
      return this.fail("the offsets of its records are out of order")
    }
    this.offsetDelta = offsetDelta
    this.keyLength = this.varint()
    this.keyAt = this.at
    if (this.keyLength > 0) this.at += this.keyLength
    if (this.at > end) return false
    this.valueLength = this.varint()
    this.valueAt = this.at
    if (this.valueLength > 0) this.at += this.valueLength
    if (this.at > end) return false
    this.headerCount = this.varint()
    return this.headerCount === 0 ? this.at === end : this.passHeaders(end)
  }

  private passHeaders(end: number): boolean {
    if (this.headerCount < 0) return false
    this.headersAt = this.at
    for (let left = this.headerCount; left > 0; left--) {
      const nameLength = this.varint()
      if (nameLength < 0) return false
      this.at += nameLength
      if (this.at > end) return false
      const valueLength = this.varint()
      if (valueLength > 0) this.at += valueLength
      if (this.at > end) return false
    }
    this.headersEnd = this.at
    return this.at === end
  }

  /** What lies behind the bytes is read as 0: the checks of places find it. */
  private byte(): number {
    return this.bytes[this.at++] ?? 0
  }

  private varint(): number {
    let byte = this.byte()
    let bits = byte & 0x7f
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > maxShift) return this.tooLong()
      byte = this.byte()
      bits |= (byte & 0x7f) << shift
    }
    return (bits >>> 1) ^ -(bits & 1)
  }

  /** Above 2^53 rounded. */
  private varlong(): number {
    let byte = this.byte()
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
    const sign = byte & 1
    let size = (byte & 0x7e) / 2
    for (let scale = 64; byte > 0x7f; scale *= 128) {
      if (scale > 2 ** 62) return this.tooLong()
      byte = this.byte()
      size += (byte & 0x7f) * scale
    }
    return sign === 0 ? size : -size - 1
  }

  private tooLong(): number {
    this.fail("a number in it is too long")
    return -1
  }
}

/** Where a decoder puts what it unpacks: grows as needed up to a bound, and looks back for repetitions. */

/** Below it, stepping over bytes is quicker than a call to copy them. */
const shortBytes = 48

export class Unpacked {
  end = 0
  /** More was to be unpacked than the bound allows. */
  isOver = false

  private data: Buffer
  private readonly maxBytes: number

  /** `expectedBytes` is a guess from outside; memory is taken as it is needed. */
  constructor(expectedBytes: number, maxBytes: number) {
    this.maxBytes = maxBytes
    this.data = Buffer.allocUnsafeSlow(Math.min(Math.max(64, expectedBytes), maxBytes))
  }

  get bytes(): Buffer {
    return this.data.subarray(0, this.end)
  }

  /** Appends a part of the packed bytes. */
  literal(source: Buffer, from: number, length: number): boolean {
    if (length < 0 || from + length > source.length || !this.reserve(length)) return false
    const { data, end } = this
    if (length > shortBytes) source.copy(data, end, from, from + length)
    else for (let at = 0; at < length; at++) data[end + at] = source[from + at] ?? 0
    this.end = end + length
    return true
  }

  /** Repeats what begins `distance` bytes back, but not before `floor`; it may run into itself. */
  match(distance: number, length: number, floor: number): boolean {
    const from = this.end - distance
    if (distance <= 0 || from < floor || !this.reserve(length)) return false
    const { data, end } = this
    if (distance >= length && length > shortBytes) data.copyWithin(end, from, from + length)
    else for (let at = 0; at < length; at++) data[end + at] = data[from + at] ?? 0
    this.end = end + length
    return true
  }

  private reserve(length: number): boolean {
    const needed = this.end + length
    if (needed <= this.data.length) return true
    this.isOver = needed > this.maxBytes
    if (this.isOver) return false
    const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(needed, 2 * this.data.length), this.maxBytes))
    this.data.copy(grown, 0, 0, this.end)
    this.data = grown
    return true
  }
}

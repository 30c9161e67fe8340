/**
 * Unpacks Snappy: bare blocks, and blocks in the framing of xerial's Java library, which most producers write.
 *
 * ```text
 * framed  := 0x82 "SNAPPY" 0x00 version:i32 compatible:i32 (length:i32 block)*     big endian
 * block   := unpackedLength:varint element*
 * element := tag:u8 …      lowest two bits: 0 literal, 1, 2, 4 bytes of distance
 * ```
 *
 * Source: format_description.txt of google/snappy; SnappyOutputStream.java of xerial/snappy-java.
 */
import type { Unpacked } from "./Unpacked.ts"

const framing = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00])
const framingBytes = 16

/** Bytes of distance by the tag's lowest bits. */
const distanceBytes = [0, 1, 2, 4]

interface Span {
  readonly source: Buffer
  readonly from: number
  readonly end: number
}

/** One block on its way out. */
class Block {
  private readonly out: Unpacked
  private readonly source: Buffer
  private readonly end: number
  /** Where the block begins in what comes out: repetitions do not reach before it. */
  private readonly floor: number
  private at: number

  constructor(out: Unpacked, { end, from, source }: Span) {
    this.out = out
    this.source = source
    this.at = from
    this.end = end
    this.floor = out.end
  }

  unpack(): boolean {
    const length = this.preamble()
    if (length < 0) return false
    while (this.at < this.end) {
      const tag = this.source[this.at++] ?? 0
      const isRight = (tag & 3) === 0 ? this.literal(tag >>> 2) : this.copy(tag)
      if (!isRight || this.out.end - this.floor > length) return false
    }
    return this.out.end - this.floor === length
  }

  /** The unpacked length; −1: nonsense. */
  private preamble(): number {
    let length = 0
    for (let scale = 1; scale < 2 ** 35 && this.at < this.end; scale *= 128) {
      const byte = this.source[this.at++] ?? 0
      length += (byte & 0x7f) * scale
      if (byte < 0x80) return length
    }
    return -1
  }

  private literal(size: number): boolean {
    const lengthBytes = Math.max(0, size - 59)
    const at = this.at + lengthBytes
    if (at > this.end) return false
    const length = (lengthBytes === 0 ? size : this.source.readUIntLE(this.at, lengthBytes)) + 1
    this.at = at + length
    return this.at <= this.end && this.out.literal(this.source, at, length)
  }

  private copy(tag: number): boolean {
    const { at, source } = this
    const bytes = distanceBytes[tag & 3] ?? 0
    this.at = at + bytes
    if (this.at > this.end) return false
    if (bytes === 1) {
      return this.out.match(((tag >>> 5) << 8) | (source[at] ?? 0), ((tag >>> 2) & 7) + 4, this.floor)
    }
    const distance = bytes === 2 ? source.readUInt16LE(at) : source.readUInt32LE(at)
    return this.out.match(distance, (tag >>> 2) + 1, this.floor)
  }
}

const unpackBlock = (out: Unpacked, span: Span): boolean => new Block(out, span).unpack()

const unpackFramed = (out: Unpacked, source: Buffer): boolean => {
  let at = framingBytes
  while (at + 4 <= source.length) {
    const from = at + 4
    const end = from + source.readInt32BE(at)
    if (end < from || end > source.length || !unpackBlock(out, { source, from, end })) return false
    at = end
  }
  return at === source.length
}

/** False: damaged, or more than `out` takes. */
export const unpackSnappy = (source: Buffer, out: Unpacked): boolean =>
  source.length >= framingBytes && source.compare(framing, 0, 8, 0, 8) === 0
    ? unpackFramed(out, source)
    : unpackBlock(out, { source, from: 0, end: source.length })

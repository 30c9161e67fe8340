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
const maxVarintBytes = 5

interface Span {
  readonly source: Buffer
  readonly from: number
  readonly end: number
}

/** The unpacked length, and where the elements begin; undefined: nonsense. */
const readPreamble = ({ end, from, source }: Span): { length: number; at: number } | undefined => {
  let length = 0
  for (let at = from; at < Math.min(end, from + maxVarintBytes); at++) {
    const byte = source[at] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * (at - from))
    if (byte < 0x80) return { length, at: at + 1 }
  }
  return undefined
}

/** Where the element ends, or −1. */
const unpackLiteral = (out: Unpacked, { end, from, source }: Span): number => {
  const size = (source[from] ?? 0) >>> 2
  const lengthBytes = Math.max(0, size - 59)
  const at = from + 1 + lengthBytes
  if (at > end) return -1
  const length = (lengthBytes === 0 ? size : source.readUIntLE(from + 1, lengthBytes)) + 1
  return at + length <= end && out.literal(source, at, length) ? at + length : -1
}

const distanceBytes = [0, 1, 2, 4]

/** Where the element ends, or −1. */
const unpackCopy = (out: Unpacked, { end, from, source }: Span, floor: number): number => {
  const tag = source[from] ?? 0
  const bytes = distanceBytes[tag & 3] ?? 0
  const at = from + 1 + bytes
  if (at > end) return -1
  const low = source.readUIntLE(from + 1, bytes)
  const isShort = bytes === 1
  const distance = isShort ? ((tag >>> 5) << 8) | low : low
  const length = isShort ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
  return out.match(distance, length, floor) ? at : -1
}

const unpackBlock = (out: Unpacked, span: Span): boolean => {
  const preamble = readPreamble(span)
  if (preamble === undefined) return false
  const { end, source } = span
  const floor = out.end
  let at = preamble.at
  while (at < end) {
    const isLiteral = ((source[at] ?? 0) & 3) === 0
    at = isLiteral
      ? unpackLiteral(out, { source, from: at, end })
      : unpackCopy(out, { source, from: at, end }, floor)
    if (at < 0 || out.end - floor > preamble.length) return false
  }
  return out.end - floor === preamble.length
}

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

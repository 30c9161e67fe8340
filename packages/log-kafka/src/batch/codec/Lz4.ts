/**
 * Unpacks one LZ4 frame, of dependent blocks too. Its checksums are passed over: the batch's CRC covers all of it.
 *
 * ```text
 * frame    := 0x184D2204:u32le flags:u8 blockSize:u8 contentSize:u64le? headerChecksum:u8
 *             block* 0:u32le checksum:u32le?
 * block    := size:u32le data checksum:u32le?            highest bit of size: data is not compressed
 * data     := sequence*
 * sequence := token:u8 more:u8* literals distance:u16le more:u8*     the last one ends behind its literals
 * ```
 *
 * Source: lz4_Frame_format.md and lz4_Block_format.md of lz4/lz4.
 */
import type { Unpacked } from "./Unpacked.ts"

const magic = 0x184d2204
const minMatch = 4
const smallestHeader = 7

interface Frame {
  readonly source: Buffer
  readonly hasBlockChecksums: boolean
  readonly areBlocksIndependent: boolean
  readonly maxBlockBytes: number
}

/** A length of which the token holds the first four bits; −1: cut off. */
interface LongLength {
  readonly length: number
  readonly at: number
}

const cutOff: LongLength = { length: -1, at: -1 }

const readMore = (source: Buffer, start: number, end: number): LongLength => {
  let length = 15
  for (let at = start; at < end; at++) {
    const byte = source[at] ?? 0
    length += byte
    if (byte !== 255) return { length, at: at + 1 }
  }
  return cutOff
}

interface Span {
  readonly source: Buffer
  readonly from: number
  readonly end: number
  /** Repetitions do not reach before it. */
  readonly floor: number
}

const unpackBlock = (out: Unpacked, { end, floor, from, source }: Span): boolean => {
  let at = from
  while (at < end) {
    const token = source[at++] ?? 0
    let length = token >>> 4
    if (length === 15) ({ at, length } = readMore(source, at, end))
    if (length < 0 || at + length > end || !out.literal(source, at, length)) return false
    at += length
    if (at === end) return true
    if (at + 2 > end) return false
    const distance = source.readUInt16LE(at)
    at += 2
    length = token & 15
    if (length === 15) ({ at, length } = readMore(source, at, end))
    if (length < 0 || !out.match(distance, length + minMatch, floor)) return false
  }
  return false
}

const unpackBlocks = (out: Unpacked, frame: Frame, start: number): boolean => {
  const { areBlocksIndependent, hasBlockChecksums, maxBlockBytes, source } = frame
  let at = start
  while (at + 4 <= source.length) {
    const size = source.readUInt32LE(at)
    if (size === 0) return true
    const length = size & 0x7fffffff
    const from = at + 4
    const end = from + length
    const before = out.end
    if (end > source.length) return false
    const floor = areBlocksIndependent ? before : 0
    const isRight = size === length ? unpackBlock(out, { source, from, end, floor }) : out.literal(source, from, length)
    if (!isRight || out.end - before > maxBlockBytes) return false
    at = end + (hasBlockChecksums ? 4 : 0)
  }
  return false
}

/** False: no whole frame, or more than `out` takes. */
export const unpackLz4 = (source: Buffer, out: Unpacked): boolean => {
  if (source.length < smallestHeader || source.readUInt32LE(0) !== magic) return false
  const flags = source[4] ?? 0
  const needsDictionary = (flags & 0x01) !== 0
  if (flags >>> 6 !== 1 || needsDictionary) return false
  const hasContentSize = (flags & 0x08) !== 0
  const frame = {
    source,
    hasBlockChecksums: (flags & 0x10) !== 0,
    areBlocksIndependent: (flags & 0x20) !== 0,
    maxBlockBytes: 2 ** (8 + 2 * (((source[5] ?? 0) >>> 4) & 7))
  }
  return unpackBlocks(out, frame, smallestHeader + (hasContentSize ? 8 : 0))
}

/** Names a stored batch by its base offset and CRC: a lane that holds the same mark was not cut off or made anew. */
import type { Offset } from "@tailrace/log"
import { bodyAt, readInt64 } from "./BatchHeader.ts"

export interface Mark {
  readonly baseOffset: Offset
  /** Eight hexadecimal digits. */
  readonly crc: string
}

/** @example `formatMark(42, 0xbeef) // => "42/0000beef"` */
export const formatMark = (baseOffset: Offset, crc: number): string =>
  `${baseOffset}/${crc.toString(16).padStart(8, "0")}`

/** Undefined: this is no mark. */
export const parseMark = (mark: string): Mark | undefined => {
  const [, base, crc] = /^(\d{1,16})\/([0-9a-f]{8})$/.exec(mark) ?? []
  const baseOffset = Number(base)
  return crc !== undefined && Number.isSafeInteger(baseOffset) ? { baseOffset, crc } : undefined
}

/** Of the first batch of a record set, which may be cut off behind its 21st byte; undefined: none of magic 2 there. */
export const markOfFirstBatch = (bytes: Uint8Array): string | undefined => {
  if (bytes.length < bodyAt) return undefined
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const baseOffset = readInt64(buffer, 0)
  if (buffer.readInt8(16) !== 2 || baseOffset < 0 || baseOffset > Number.MAX_SAFE_INTEGER) return undefined
  return formatMark(baseOffset, buffer.readUInt32BE(17))
}

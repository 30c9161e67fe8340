/**
 * The head of a record batch of magic 2, as brokers store and send it. All numbers are big endian. Says where a batch
 * ends and whether its bytes are whole; what is inside is `RecordCursor`'s.
 *
 * ```text
 * batch := baseOffset:i64 length:i32 leaderEpoch:i32 magic:i8 crc:u32 body     length: of all behind itself
 * body  := attributes:i16 lastOffsetDelta:i32 baseTimestamp:i64 maxTimestamp:i64
 *          producerId:i64 producerEpoch:i16 baseSequence:i32 count:i32 records  crc: CRC-32C of the body
 * ```
 *
 * Source: Apache Kafka, `DefaultRecordBatch.java`.
 */
import { crc32c } from "@node-rs/crc32"

/** Bytes before `attributes`, which the CRC does not cover. */
export const bodyAt = 21
/** Bytes before the first record. */
export const headerBytes = 61
/** `length` counts from here. */
const lengthEnd = 12
const magicAt = 16
const crcAt = 17

/** Bits of `attributes`. */
export const codecBits = 0x07
const logAppendTimeBit = 0x08
const transactionalBit = 0x10
const controlBit = 0x20

/** Exact below 2^53 in size; beyond it rounded, never wrapped. */
export const readInt64 = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)

export interface BatchHeader {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly crc: number
  readonly codec: number
  readonly isControl: boolean
  readonly isTransactional: boolean
  readonly baseTime: number
  readonly maxTime: number
  /** All records have the batch's `maxTime`. */
  readonly isLogAppendTime: boolean
  /** −1: none. */
  readonly producerId: number
  readonly count: number
  /** Where its records begin and end in the bytes it was read from. */
  readonly recordsAt: number
  readonly end: number
}

/** A batch that is not all there (the end of a fetch), one that is whole, or what is wrong with it. */
export type BatchHead =
  | { readonly _tag: "Cut" }
  | { readonly _tag: "Batch"; readonly batch: BatchHeader }
  | { readonly _tag: "Wrong"; readonly reason: string }

const cut: BatchHead = { _tag: "Cut" }
const wrong = (reason: string): BatchHead => ({ _tag: "Wrong", reason })

const hasWrongCrc = (bytes: Buffer, at: number, end: number): boolean =>
  crc32c(bytes.subarray(at + bodyAt, end)) !== bytes.readUInt32BE(at + crcAt)

const fieldsAt = (bytes: Buffer, at: number, end: number): BatchHeader => {
  const attributes = bytes.readInt16BE(at + 21)
  const baseOffset = readInt64(bytes, at)
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    crc: bytes.readUInt32BE(at + crcAt),
    codec: attributes & codecBits,
    isControl: (attributes & controlBit) !== 0,
    isTransactional: (attributes & transactionalBit) !== 0,
    baseTime: readInt64(bytes, at + 27),
    maxTime: readInt64(bytes, at + 35),
    isLogAppendTime: (attributes & logAppendTimeBit) !== 0,
    producerId: readInt64(bytes, at + 43),
    count: bytes.readInt32BE(at + 57),
    recordsAt: at + headerBytes,
    end
  }
}

const nonsenseIn = ({ baseOffset, count, lastOffset }: BatchHeader): string | undefined => {
  if (baseOffset < 0 || lastOffset >= Number.MAX_SAFE_INTEGER) return "its offsets are out of range"
  if (lastOffset < baseOffset) return "its last offset lies before its first"
  if (count < 0) return "it claims a negative number of records"
  return undefined
}

/** Reads the batch that begins at `at`; nothing of its body is believed before its CRC is found right. */
export const batchAt = (bytes: Buffer, at: number): BatchHead => {
  if (at + bodyAt > bytes.length) return cut
  const magic = bytes.readInt8(at + magicAt)
  if (magic !== 2) return wrong(`its format is version ${magic}, and only version 2 is read`)
  const length = bytes.readInt32BE(at + lengthEnd - 4)
  if (length < headerBytes - lengthEnd) return wrong(`it claims to be ${length} bytes long`)
  const end = at + lengthEnd + length
  if (end > bytes.length) return cut
  if (hasWrongCrc(bytes, at, end)) return wrong("its CRC does not fit its bytes")
  const batch = fieldsAt(bytes, at, end)
  const nonsense = nonsenseIn(batch)
  return nonsense === undefined ? { _tag: "Batch", batch } : wrong(nonsense)
}

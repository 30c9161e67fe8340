/** Writes entries as one uncompressed record batch (its grammar is in `BatchHeader`), as a Produce request holds it. */
import { crc32c } from "@node-rs/crc32"
import type { Entry } from "@tailrace/log"
import { bodyAt, headerBytes } from "./BatchHeader.ts"
import { measureBatch } from "./BatchSize.ts"
import { RecordWriter } from "./RecordWriter.ts"

const magic = 2
const transactionalBit = 0x10
/** Before the broker has taken the batch. */
const noLeaderEpoch = -1

export interface BatchOptions {
  readonly producerId: number
  readonly producerEpoch: number
  /** Sequence number of the first entry. */
  readonly baseSequence: number
  readonly isTransactional: boolean
  /** Of all records, in epoch milliseconds; the broker puts its own where the topic says so. */
  readonly timestamp: number
  /** Taken for the batch if it is large enough: fresh memory costs more than all of the encoding. */
  readonly memory?: Buffer | undefined
}

/** For a batch of which the broker need not notice that it was sent twice. */
export const notIdempotent = { producerId: -1, producerEpoch: -1, baseSequence: -1 } as const

const writeInt64 = (target: Buffer, value: number, at: number): void => {
  const high = Math.floor(value / 2 ** 32)
  target.writeInt32BE(high, at)
  target.writeUInt32BE(value - high * 2 ** 32, at + 4)
}

const writeHead = (target: Buffer, count: number, options: BatchOptions): void => {
  writeInt64(target, 0, 0)
  target.writeInt32BE(target.length - 12, 8)
  target.writeInt32BE(noLeaderEpoch, 12)
  target.writeInt8(magic, 16)
  target.writeInt16BE(options.isTransactional ? transactionalBit : 0, 21)
  target.writeInt32BE(count - 1, 23)
  writeInt64(target, options.timestamp, 27)
  writeInt64(target, options.timestamp, 35)
  writeInt64(target, options.producerId, 43)
  target.writeInt16BE(options.producerEpoch, 51)
  target.writeInt32BE(options.baseSequence, 53)
  target.writeInt32BE(count, 57)
}

/**
 * At least one entry; offsets are counted from 0, as the broker wants it. The bytes are the caller's, and lie in
 * `memory` where that was given.
 *
 * @example
 * ```ts
 * encodeBatch([{ key: "example.com", value }], { ...notIdempotent, isTransactional: false, timestamp })
 * ```
 */
export const encodeBatch = (entries: ReadonlyArray<Entry>, options: BatchOptions): Buffer => {
  const { bodies, bytes } = measureBatch(entries)
  const { memory } = options
  const batch = memory !== undefined && memory.length >= bytes
    ? memory.subarray(0, bytes)
    : Buffer.allocUnsafeSlow(bytes)
  writeHead(batch, entries.length, options)
  const writer = new RecordWriter(batch, headerBytes)
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    if (entry !== undefined) writer.write(entry, index, bodies[index] ?? 0)
  }
  batch.writeUInt32BE(crc32c(batch.subarray(bodyAt)), 17)
  return batch
}

/**
 * The place of a batch in the sequence of its producer, by which a broker tells a batch sent twice from a new one. A
 * batch that was encoded already can be given to another producer: its entries are not needed any more.
 */
import { crc32c } from "@node-rs/crc32"
import { bodyAt } from "../batch/BatchHeader.ts"

/** Who appends; given by InitProducerId. */
export interface Producer {
  readonly producerId: number
  readonly producerEpoch: number
}

export interface Stamp extends Producer {
  /** Number of the batch's first record among all that this producer sent to the lane, from 0. */
  readonly baseSequence: number
}

/** The sequence number `count` records later; after 2^31 − 1 comes 0. */
export const advanced = (sequence: number, count: number): number => (sequence + count) % 2 ** 31

const crcAt = 17
const producerIdAt = 43
const producerEpochAt = 51
const baseSequenceAt = 53

/** Changes an encoded batch in place. */
export const restamp = (batch: Buffer, { baseSequence, producerEpoch, producerId }: Stamp): void => {
  batch.writeBigInt64BE(BigInt(producerId), producerIdAt)
  batch.writeInt16BE(producerEpoch, producerEpochAt)
  batch.writeInt32BE(baseSequence, baseSequenceAt)
  batch.writeUInt32BE(crc32c(batch.subarray(bodyAt)), crcAt)
}

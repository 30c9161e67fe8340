/**
 * AddPartitionsToTxn, version 1 (`AddPartitionsToTxnRequest.json` of Kafka's clients): names the lanes that a
 * transaction will write, before it writes them; begins the transaction if none is open. Asking twice is harmless.
 */
import type { Lane } from "@tailrace/log"
import type { Api, Throttled } from "../Api.ts"
import type { Reader } from "../Reader.ts"

export interface AddPartitionsToTxnQuestion {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  /** As the cluster names them, each once. */
  readonly topics: ReadonlyArray<string>
  /** The same lane of each topic. */
  readonly lane: Lane
}

export interface AddedPartition {
  readonly topic: string
  readonly lane: Lane
  readonly code: number
}

export interface AddPartitionsToTxnAnswer extends Throttled {
  readonly partitions: ReadonlyArray<AddedPartition>
}

const readTopic = (reader: Reader): ReadonlyArray<AddedPartition> => {
  const topic = reader.string()
  return reader.array(() => ({ topic, lane: reader.int32(), code: reader.int16() }))
}

export const addPartitionsToTxn: Api<AddPartitionsToTxnQuestion, AddPartitionsToTxnAnswer> = {
  name: "AddPartitionsToTxn",
  key: 24,
  version: 1,
  write: (writer, { lane, producerEpoch, producerId, topics, transactionalId }) => {
    writer.string(transactionalId).int64(producerId).int16(producerEpoch)
    writer.array(topics, (topic) => writer.string(topic).array([lane], () => writer.int32(lane)))
  },
  read: (reader) => ({
    throttleMillis: reader.int32(),
    partitions: reader.array(() => readTopic(reader)).flat()
  })
}

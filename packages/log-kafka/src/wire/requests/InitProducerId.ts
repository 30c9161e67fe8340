/**
 * InitProducerId, version 1 (`InitProducerIdRequest.json` of Kafka's clients). With a transactional id it goes to the
 * coordinator, ends the predecessor's open transaction and raises the epoch; without one any broker answers.
 */
import type { Api, Throttled } from "../Api.ts"

export interface InitProducerIdQuestion {
  readonly transactionalId: string | null
  /** After so long the coordinator aborts an open transaction; of no meaning without a transactional id. */
  readonly transactionTimeoutMillis: number
}

export interface InitProducerIdAnswer extends Throttled {
  readonly code: number
  readonly producerId: number
  readonly producerEpoch: number
}

export const initProducerId: Api<InitProducerIdQuestion, InitProducerIdAnswer> = {
  name: "InitProducerId",
  key: 22,
  version: 1,
  write: (writer, { transactionTimeoutMillis, transactionalId }) => {
    writer.nullableString(transactionalId).int32(transactionTimeoutMillis)
  },
  read: (reader) => ({
    throttleMillis: reader.int32(),
    code: reader.int16(),
    producerId: reader.int64(),
    producerEpoch: reader.int16()
  })
}

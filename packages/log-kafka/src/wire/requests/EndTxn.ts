/**
 * EndTxn, version 1 (`EndTxnRequest.json` of Kafka's clients): commits or aborts the open transaction. Asked again with
 * the same epoch it answers the same, as long as nothing was added since (`TransactionCoordinator.endTransaction`).
 */
import type { Api, Throttled } from "../Api.ts"

export interface EndTxnQuestion {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  /** False: abort. */
  readonly isCommit: boolean
}

export interface EndTxnAnswer extends Throttled {
  readonly code: number
}

export const endTxn: Api<EndTxnQuestion, EndTxnAnswer> = {
  name: "EndTxn",
  key: 26,
  version: 1,
  write: (writer, { isCommit, producerEpoch, producerId, transactionalId }) => {
    writer.string(transactionalId).int64(producerId).int16(producerEpoch).boolean(isCommit)
  },
  read: (reader) => ({ throttleMillis: reader.int32(), code: reader.int16() })
}

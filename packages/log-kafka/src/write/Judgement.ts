/** What the answers to writes mean: stored, ask again, another producer id is needed, or an error to tell. */
import { LogUnavailable, type Offset } from "@tailrace/log"
import { Schema } from "effect"
import { alterSettings, grantAccess, type Reach } from "../topics/Command.ts"
import { ErrorCode, errorName, isStaleLeader } from "../wire/ErrorCode.ts"
import type { ProducedPart } from "../wire/requests/Produce.ts"
import { NotYet, notYet } from "./Persist.ts"

/** The broker no longer knows this producer, or something went missing between its batches. */
export class ProducerLost extends Schema.TaggedError<ProducerLost>()("ProducerLost", {
  reason: Schema.String,
  code: Schema.Int
}) {
  /** A later claim of the same transactional id exists, or the coordinator has aborted for it. */
  get isFenced(): boolean {
    return isFencing(this.code)
  }
}

export const isFencing = (code: number): boolean =>
  code === ErrorCode.INVALID_PRODUCER_EPOCH || code === ErrorCode.PRODUCER_FENCED

/**
 * Nothing is wrong with the request; the cluster is not ready for it, or its outcome is unknown. A leader asks the
 * coordinator about a transactional batch (from Kafka 3.6 on), and may pass on what that one answers.
 */
const passing: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_SERVER_ERROR,
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.REQUEST_TIMED_OUT,
  ErrorCode.NETWORK_EXCEPTION,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND
])

const losing: ReadonlySet<number> = new Set([
  ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  ErrorCode.INVALID_PRODUCER_EPOCH,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.INVALID_PRODUCER_ID_MAPPING,
  ErrorCode.UNKNOWN_PRODUCER_ID,
  ErrorCode.PRODUCER_FENCED
])

export const isPassing = (code: number): boolean => passing.has(code)

const oversized = (reach: Reach, topic: string): string => {
  const cure = alterSettings(reach, topic, ["max.message.bytes=2097152"])
  return `a batch is larger than max.message.bytes of topic ${topic} allows; raise it: ${cure}`
}

const explained = (reach: Reach, code: number, topic: string): string => {
  switch (code) {
    case ErrorCode.MESSAGE_TOO_LARGE:
    case ErrorCode.RECORD_LIST_TOO_LARGE:
      return oversized(reach, topic)
    case ErrorCode.TOPIC_AUTHORIZATION_FAILED:
      return `writing to topic ${topic} is not allowed; grant it: ${grantAccess(reach, "write")}`
    case ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return `transactions are not allowed; grant them: ${grantAccess(reach, "transaction")}`
    case ErrorCode.CLUSTER_AUTHORIZATION_FAILED:
      return `appending is not allowed; grant it (before Kafka 2.8: IdempotentWrite on the cluster): ${
        grantAccess(reach, "write")
      }`
    case ErrorCode.DUPLICATE_SEQUENCE_NUMBER:
      return `a batch is in topic ${topic}, but its offset is not known any more`
    default:
      return `topic ${topic} answers ${errorName(code)}`
  }
}

/** What to tell of a code that no patience cures. `topic`: as the cluster names it. */
export const refused = (reach: Reach, code: number, topic: string): LogUnavailable =>
  new LogUnavailable({ reason: explained(reach, code, topic) })

/** The offset of the batch's first record, or what became of it. */
export const judged = (reach: Reach, part: ProducedPart): Offset | NotYet | ProducerLost | LogUnavailable => {
  const { baseOffset, code, lane, topic } = part
  if (code === ErrorCode.NONE) return baseOffset
  if (code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER && baseOffset >= 0) return baseOffset
  const reason = `${topic}/${lane} answers ${errorName(code)}`
  if (isStaleLeader(code) || isPassing(code)) return notYet(reason, code)
  return losing.has(code) ? new ProducerLost({ reason, code }) : refused(reach, code, topic)
}

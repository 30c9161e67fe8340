/**
 * JoinGroup 4: becomes, or stays, a member of a group. The broker answers when all members have asked, so the answer
 * may take as long as the rebalance time-out. Kafka protocol guide, "JoinGroup API"; version 4 is KIP-394's.
 *
 * Request => group_id session_timeout rebalance_timeout member_id protocol_type [protocol_name metadata]
 * Answer => throttle_time error_code generation_id protocol_name leader member_id [member_id metadata]
 */
import type { Api, Throttled } from "../Api.ts"

export interface JoinGroupQuestion {
  readonly groupId: string
  readonly sessionMillis: number
  readonly rebalanceMillis: number
  /** Empty: the first time. The answer is then `MEMBER_ID_REQUIRED` with the id to ask again with. */
  readonly memberId: string
  readonly protocolType: string
  /** What this member can do, best first; `metadata` is for whoever leads the group. */
  readonly protocols: ReadonlyArray<{ readonly name: string; readonly metadata: Uint8Array }>
}

export interface JoinGroupAnswer extends Throttled {
  readonly errorCode: number
  readonly generation: number
  readonly protocol: string
  readonly leader: string
  readonly memberId: string
  /** All members, for the leader; empty for everybody else. */
  readonly members: ReadonlyArray<{ readonly memberId: string; readonly metadata: Uint8Array }>
}

export const JoinGroup: Api<JoinGroupQuestion, JoinGroupAnswer> = {
  name: "JoinGroup",
  key: 11,
  version: 4,
  write: (writer, question) => {
    writer
      .string(question.groupId)
      .int32(question.sessionMillis)
      .int32(question.rebalanceMillis)
      .string(question.memberId)
      .string(question.protocolType)
      .array(question.protocols, ({ metadata, name }) => void writer.string(name).byteString(metadata))
  },
  read: (reader) => ({
    throttleMillis: reader.int32(),
    errorCode: reader.int16(),
    generation: reader.int32(),
    protocol: reader.string(),
    leader: reader.string(),
    memberId: reader.string(),
    members: reader.array(() => ({ memberId: reader.string(), metadata: reader.byteString() }))
  })
}

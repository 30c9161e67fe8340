/**
 * SyncGroup 2: the leader says who gets what, everybody learns what they got. The broker answers when the leader has
 * spoken. Kafka protocol guide, "SyncGroup API".
 *
 * Request => group_id generation_id member_id [member_id assignment]
 * Answer => throttle_time error_code assignment
 */
import type { Api, Throttled } from "../Api.ts"

export interface SyncGroupQuestion {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
  /** Of all members, from the leader; empty from everybody else. */
  readonly assignments: ReadonlyArray<{ readonly memberId: string; readonly assignment: Uint8Array }>
}

export interface SyncGroupAnswer extends Throttled {
  readonly errorCode: number
  readonly assignment: Uint8Array
}

export const SyncGroup: Api<SyncGroupQuestion, SyncGroupAnswer> = {
  name: "SyncGroup",
  key: 14,
  version: 2,
  write: (writer, question) => {
    writer
      .string(question.groupId)
      .int32(question.generation)
      .string(question.memberId)
      .array(question.assignments, (each) => void writer.string(each.memberId).byteString(each.assignment))
  },
  read: (reader) => ({
    throttleMillis: reader.int32(),
    errorCode: reader.int16(),
    assignment: reader.byteString()
  })
}

/**
 * Heartbeat 2: the member is alive; the answer says whether its generation still counts. Kafka protocol guide,
 * "Heartbeat API".
 *
 * Request => group_id generation_id member_id
 * Answer => throttle_time error_code
 */
import type { Api, Throttled } from "../Api.ts"

export interface HeartbeatQuestion {
  readonly groupId: string
  readonly generation: number
  readonly memberId: string
}

export interface HeartbeatAnswer extends Throttled {
  readonly errorCode: number
}

export const Heartbeat: Api<HeartbeatQuestion, HeartbeatAnswer> = {
  name: "Heartbeat",
  key: 12,
  version: 2,
  write: (writer, { generation, groupId, memberId }) => {
    writer.string(groupId).int32(generation).string(memberId)
  },
  read: (reader) => ({ throttleMillis: reader.int32(), errorCode: reader.int16() })
}

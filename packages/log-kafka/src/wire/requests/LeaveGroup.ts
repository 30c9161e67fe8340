/**
 * LeaveGroup 2: the member goes, so that others need not wait for the end of its session. Kafka protocol guide,
 * "LeaveGroup API".
 *
 * Request => group_id member_id
 * Answer => throttle_time error_code
 */
import type { Api, Throttled } from "../Api.ts"

export interface LeaveGroupQuestion {
  readonly groupId: string
  readonly memberId: string
}

export interface LeaveGroupAnswer extends Throttled {
  readonly errorCode: number
}

export const LeaveGroup: Api<LeaveGroupQuestion, LeaveGroupAnswer> = {
  name: "LeaveGroup",
  key: 13,
  version: 2,
  write: (writer, { groupId, memberId }) => {
    writer.string(groupId).string(memberId)
  },
  read: (reader) => ({ throttleMillis: reader.int32(), errorCode: reader.int16() })
}

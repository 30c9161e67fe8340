/** The broker's half of the group calls: reads their questions, writes their answers. */
import type { HeartbeatAnswer, HeartbeatQuestion } from "../../src/wire/requests/Heartbeat.ts"
import type { JoinGroupAnswer, JoinGroupQuestion } from "../../src/wire/requests/JoinGroup.ts"
import type { LeaveGroupQuestion } from "../../src/wire/requests/LeaveGroup.ts"
import type { SyncGroupAnswer, SyncGroupQuestion } from "../../src/wire/requests/SyncGroup.ts"
import type { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"

export const readJoin = (reader: Reader): JoinGroupQuestion => ({
  groupId: reader.string(),
  sessionMillis: reader.int32(),
  rebalanceMillis: reader.int32(),
  memberId: reader.string(),
  protocolType: reader.string(),
  protocols: reader.array(() => ({ name: reader.string(), metadata: reader.byteString() }))
})

export const writeJoined = (answer: JoinGroupAnswer): Uint8Array => {
  const writer = new Writer()
    .int32(answer.throttleMillis)
    .int16(answer.errorCode)
    .int32(answer.generation)
    .string(answer.protocol)
    .string(answer.leader)
    .string(answer.memberId)
  return writer.array(answer.members, ({ memberId, metadata }) => void writer.string(memberId).byteString(metadata))
    .bytes
}

export const readSync = (reader: Reader): SyncGroupQuestion => ({
  groupId: reader.string(),
  generation: reader.int32(),
  memberId: reader.string(),
  assignments: reader.array(() => ({ memberId: reader.string(), assignment: reader.byteString() }))
})

export const writeSynced = (answer: SyncGroupAnswer): Uint8Array =>
  new Writer().int32(answer.throttleMillis).int16(answer.errorCode).byteString(answer.assignment).bytes

export const readHeartbeat = (reader: Reader): HeartbeatQuestion => ({
  groupId: reader.string(),
  generation: reader.int32(),
  memberId: reader.string()
})

export const readLeave = (reader: Reader): LeaveGroupQuestion => ({
  groupId: reader.string(),
  memberId: reader.string()
})

/** Of Heartbeat and of LeaveGroup. */
export const writeCode = ({ errorCode, throttleMillis }: HeartbeatAnswer): Uint8Array =>
  new Writer().int32(throttleMillis).int16(errorCode).bytes

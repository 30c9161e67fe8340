/**
 * What members tell each other through the coordinator, in the form of Kafka's own consumers (ConsumerProtocol 1), so
 * that `kafka-consumer-groups --describe` shows who has which lane.
 *
 * Subscription => version:int16 [topic] user_data:bytes [owned: topic [partition]]
 * Assignment => version:int16 [topic [partition]] user_data:bytes
 * Our user data => form:int8 generation:int32 [lane:int32]
 */
import type { Lane } from "@tailrace/log"
import { Result } from "effect"
import { Reader } from "../wire/Reader.ts"
import { Writer } from "../wire/Writer.ts"
import type { Claimant } from "./assign.ts"

/** The group protocol's name: all members must speak it, so no foreign consumer gets into the group. */
export const protocolName = "tailrace-sticky"
export const protocolType = "consumer"

const version = 1
const form = 1
const none = new Uint8Array()

/** The lanes of the last assignment, and its generation. */
export type Held = Omit<Claimant, "memberId">

export const writeSubscription = (topic: string, { generation, lanes }: Held): Uint8Array => {
  const userData = new Writer().int8(form).int32(generation)
  userData.array(lanes, (lane) => void userData.int32(lane))
  const writer = new Writer().int16(version)
  return writer.array([topic], (name) => void writer.string(name)).byteString(userData.bytes).int32(0).bytes
}

const nothing: Held = { generation: -1, lanes: [] }

const parseHeld = (subscription: Uint8Array): Held => {
  const reader = new Reader(subscription)
  reader.int16()
  reader.array(() => reader.string())
  const userData = new Reader(reader.byteString())
  if (userData.int8() !== form) return nothing
  return { generation: userData.int32(), lanes: userData.array(() => userData.int32()) }
}

/** What a member says it had; a member that says something else has had nothing. */
export const readHeld = (subscription: Uint8Array): Held =>
  Result.getOrElse(Result.try(() => parseHeld(subscription)), () => nothing)

export const writeAssignment = (topic: string, lanes: ReadonlyArray<Lane>): Uint8Array => {
  const writer = new Writer().int16(version)
  const writeTopic = (name: string) => writer.string(name).array(lanes, (lane) => void writer.int32(lane))
  return writer.array(lanes.length === 0 ? [] : [topic], (name) => void writeTopic(name)).byteString(none).bytes
}

const parseAssignment = (assignment: Uint8Array): ReadonlyArray<Lane> => {
  const reader = new Reader(assignment)
  reader.int16()
  return reader
    .array(() => ({ topic: reader.string(), lanes: reader.array(() => reader.int32()) }))
    .flatMap(({ lanes }) => lanes)
}

/** The lanes given to this member; `undefined` where the leader wrote something else. No bytes: no lanes. */
export const readAssignment = (assignment: Uint8Array): ReadonlyArray<Lane> | undefined =>
  assignment.length === 0 ? [] : Result.getOrUndefined(Result.try(() => parseAssignment(assignment)))

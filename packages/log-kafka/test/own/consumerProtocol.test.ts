import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readAssignment, readHeld, writeAssignment, writeSubscription } from "../../src/own/consumerProtocol.ts"
import type { Api } from "../../src/wire/Api.ts"
import { Reader } from "../../src/wire/Reader.ts"
import { Heartbeat } from "../../src/wire/requests/Heartbeat.ts"
import { JoinGroup } from "../../src/wire/requests/JoinGroup.ts"
import { LeaveGroup } from "../../src/wire/requests/LeaveGroup.ts"
import { SyncGroup } from "../../src/wire/requests/SyncGroup.ts"
import { Writer } from "../../src/wire/Writer.ts"

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const bytes = (text: string): Uint8Array => Buffer.from(text, "hex")

const written = <Question, Answer>(api: Api<Question, Answer>, question: Question): string => {
  const writer = new Writer()
  api.write(writer, question)
  return hex(writer.bytes)
}

const groupId = "g"
const memberId = "m-1"
const one = "00036d2d31"

describe("the calls of a group are written as kafkajs 2.2.4 writes them", () => {
  it("JoinGroup 4", () => {
    const question = {
      groupId: "tailrace.delivery",
      sessionMillis: 6000,
      rebalanceMillis: 10_000,
      memberId,
      protocolType: "consumer",
      protocols: [{ name: "tailrace-sticky", metadata: bytes("010203") }]
    }
    const group = "00117461696c726163652e64656c6976657279"
    const protocol = "0008636f6e73756d657200000001000f7461696c726163652d737469636b7900000003010203"
    assert.strictEqual(written(JoinGroup, question), `${group}0000177000002710${one}${protocol}`)
  })

  it("SyncGroup 2, Heartbeat 2, LeaveGroup 2", () => {
    const assignments = [{ memberId, assignment: bytes("09") }, { memberId: "m-2", assignment: bytes("0808") }]
    assert.strictEqual(
      written(SyncGroup, { groupId, generation: 7, memberId, assignments }),
      `00016700000007${one}00000002${one}000000010900036d2d32000000020808`
    )
    assert.strictEqual(written(Heartbeat, { groupId, generation: 7, memberId }), `00016700000007${one}`)
    assert.strictEqual(written(LeaveGroup, { groupId, memberId }), `000167${one}`)
  })
})

describe("the answers are read to their end", () => {
  it("JoinGroup 4", () => {
    const members = `00000001${one}00000002abcd`
    const answer = JoinGroup.read(
      new Reader(bytes(`000000050000000000070001700001 6c${one}${members}`.replace(" ", "")))
    )
    assert.deepStrictEqual(answer, {
      throttleMillis: 5,
      errorCode: 0,
      generation: 7,
      protocol: "p",
      leader: "l",
      memberId,
      members: [{ memberId, metadata: Buffer.from("abcd", "hex") }]
    })
  })

  it("SyncGroup 2, Heartbeat 2, LeaveGroup 2", () => {
    const synced = SyncGroup.read(new Reader(bytes("00000005001b00000001ff")))
    assert.deepStrictEqual(synced, { throttleMillis: 5, errorCode: 27, assignment: Buffer.from([255]) })
    assert.deepStrictEqual(Heartbeat.read(new Reader(bytes("000000050019"))), { throttleMillis: 5, errorCode: 25 })
    assert.deepStrictEqual(LeaveGroup.read(new Reader(bytes("000000000000"))), { throttleMillis: 0, errorCode: 0 })
  })
})

describe("what members tell each other", () => {
  const topic = "tailrace.ledger"
  const topicHex = "000f7461696c726163652e6c6564676572"

  it("has the form of Kafka's consumers", () => {
    assert.strictEqual(
      hex(writeAssignment(topic, [0, 2, 11])),
      `000100000001${topicHex}0000000300000000000000020000000b00000000`
    )
    // As kafkajs writes it, and the owned partitions that version 1 has besides: none, our user data has them.
    assert.strictEqual(
      hex(writeSubscription(topic, { generation: 4, lanes: [0, 5] })),
      `000100000001${topicHex}00000011010000000400000002000000000000000500000000`
    )
  })

  it("is read as it was written", () => {
    const lanes = fc.array(fc.nat(10_000))
    fc.assert(fc.property(lanes, fc.integer({ min: -1, max: 2 ** 31 - 1 }), (all, generation) => {
      assert.deepStrictEqual(readHeld(writeSubscription(topic, { generation, lanes: all })), { generation, lanes: all })
      assert.deepStrictEqual(readAssignment(writeAssignment(topic, all)), all)
    }))
  })

  it("a member that says something else has had nothing, and an assignment of another form is none", () => {
    assert.deepStrictEqual(readHeld(bytes("0001")), { generation: -1, lanes: [] })
    assert.deepStrictEqual(readHeld(bytes(`000000000001${topicHex}00000000`)), { generation: -1, lanes: [] })
    assert.deepStrictEqual(readHeld(bytes(`000000000001${topicHex}0000000102`)), { generation: -1, lanes: [] })
    assert.isUndefined(readAssignment(bytes("00010000000200")))
    assert.deepStrictEqual(readAssignment(bytes("")), [])
  })

  it("no bytes make reading throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (junk) => {
      readHeld(junk)
      readAssignment(junk)
    }))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { Reader } from "../../src/wire/Reader.ts"
import { metadata10, metadata5 } from "../../src/wire/requests/Metadata.ts"
import { Writer } from "../../src/wire/Writer.ts"

/** Recorded from Kafka 4.4.0: a topic of two partitions, and one that is not there. */
const version5 =
  "00000000000000010000000100093132372e302e302e3100005264ffff00166447467062484a68593255746447567a64484d" +
  "744d51000000010000000200000006742e666c6f770000000002000000000000000000010000000100000001000000010000000100000000" +
  "00000000000100000001000000010000000100000001000000010000000000030006742e6e6f6e650000000000"
const version10 =
  "0000000002000000010a3132372e302e302e31000052640000176447467062484a68593255746447567a64484d744d510000" +
  "000103000007742e666c6f77ab629f70f0b143a4a32c83b702703bb500030000000000000000000100000000020000000102000000010100" +
  "00000000000100000001000000000200000001020000000101008000000000000307742e6e6f6e6500000000000000000000000000000000" +
  "000180000000008000000000"

const held = { errorCode: 0, leader: 1, replicas: [1], inSync: [1] }

const answer = (id: string) => ({
  throttleMillis: 0,
  brokers: [{ broker: 1, address: { host: "127.0.0.1", port: 21092 } }],
  controller: 1,
  topics: [
    { errorCode: 0, name: "t.flow", id, partitions: [{ ...held, partition: 0 }, { ...held, partition: 1 }] },
    { errorCode: 3, name: "t.none", id: "", partitions: [] }
  ]
})

const question = { topics: ["t.flow"] }

describe("Metadata", () => {
  it("5 reads what a broker answered", () => {
    assert.deepStrictEqual(metadata5.read(new Reader(Buffer.from(version5, "hex"))), answer(""))
  })

  it("10 reads the same, and the topic's identity as Kafka's tools print it", () => {
    assert.deepStrictEqual(
      metadata10.read(new Reader(Buffer.from(version10, "hex"))),
      answer("q2KfcPCxQ6SjLIO3AnA7tQ")
    )
  })

  it("no question creates a topic", () => {
    const writer5 = new Writer()
    metadata5.write(writer5, question)
    assert.strictEqual(writer5.bytes.toString("hex"), "000000010006742e666c6f7700")
    const writer10 = new Writer()
    metadata10.write(writer10, question)
    assert.strictEqual(writer10.bytes.toString("hex"), `02${"00".repeat(16)}07742e666c6f770000000000`)
  })
})

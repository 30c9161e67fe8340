import { assert, describe, it } from "@effect/vitest"
import { type Topic, topics } from "@tailrace/log"
import { guaranteesOf } from "../../src/topics/Guarantees.ts"
import type { Found, FoundTopic } from "../../src/topics/Judge.ts"
import { settingsOf } from "../../src/topics/TopicSettings.ts"

const found = (replicationFactor: number, settings: Readonly<Record<string, string>> = {}): Found =>
  new Map(topics.map((topic): [Topic, FoundTopic] => [topic, {
    partitions: 2,
    replicationFactor,
    settings: { ...settingsOf(topic, replicationFactor), ...settings }
  }]))

describe("what the loss of one broker means", () => {
  it("one replica", () => {
    assert.deepStrictEqual(guaranteesOf(found(1)), [
      "all topics: records are on one broker, acknowledged by at least 1: the loss of its broker's disk loses them; " +
      "while that broker is down nothing is read or written; a power failure may lose the last moments"
    ])
  })

  it("three replicas, two in sync", () => {
    assert.deepStrictEqual(guaranteesOf(found(3)), [
      "all topics: records are on 3 brokers, acknowledged by at least 2: the loss of one broker loses nothing that " +
      "was acknowledged and stops nothing"
    ])
  })

  it("two replicas, with one or both in sync", () => {
    const lines = ["1", "2"].flatMap((value) => guaranteesOf(found(2, { "min.insync.replicas": value })))
    assert.isTrue(lines[0]?.endsWith("may lose what no other broker had yet and stops nothing"))
    assert.isTrue(lines[1]?.endsWith("loses nothing that was acknowledged and stops writing until it is back"))
  })

  it("topics that differ have a line each", () => {
    const unclean = found(3, { "unclean.leader.election.enable": "true" }).get("flow")
    assert.isDefined(unclean)
    const lines = guaranteesOf(new Map(found(3)).set("flow", unclean))
    assert.strictEqual(lines.length, 2)
    assert.isTrue(lines[0]?.startsWith("audit, control, ledger, positions, quarantine, secrets: records are on"))
    assert.isTrue(lines[1]?.startsWith("flow: "))
    assert.isTrue(lines[1]?.endsWith("(unclean.leader.election.enable)"))
  })
})

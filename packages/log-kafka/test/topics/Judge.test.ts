import { assert, describe, it } from "@effect/vitest"
import { defaultRetentionMillis, type Topic, topics } from "@tailrace/log"
import { type Found, type FoundTopic, judge } from "../../src/topics/Judge.ts"
import { settingsOf } from "../../src/topics/TopicSettings.ts"

const wanted = { brokers: ["kafka:9092", "other:9092"], prefix: "tailrace", lanes: undefined }

const right = (topic: Topic, replicationFactor = 3, partitions = 12): FoundTopic => ({
  partitions,
  replicationFactor,
  settings: settingsOf(topic, replicationFactor)
})

const allRight = (replicationFactor = 3): Found =>
  new Map(topics.map((topic): [Topic, FoundTopic] => [topic, right(topic, replicationFactor)]))

/** All right, but for one setting of one topic. */
const wrong = (topic: Topic, setting: string, value: string): Found => {
  const one = right(topic)
  return new Map(allRight()).set(topic, { ...one, settings: { ...one.settings, [setting]: value } })
}

const withPartitions = (counts: Partial<Record<Topic, number>>): Found =>
  new Map(topics.map((topic): [Topic, FoundTopic] => [topic, right(topic, 1, counts[topic] ?? 12)]))

const table: ReadonlyArray<readonly [topic: Topic, setting: string, value: string, "refused" | "weak" | "fine"]> = [
  ["audit", "cleanup.policy", "compact", "refused"],
  ["flow", "cleanup.policy", "compact,delete", "refused"],
  ["secrets", "cleanup.policy", "delete", "refused"],
  ["positions", "cleanup.policy", "compact,delete", "refused"],
  ["flow", "message.timestamp.type", "CreateTime", "refused"],
  ["audit", "max.message.bytes", "1048588", "refused"],
  ["audit", "max.message.bytes", "4194304", "fine"],
  ["quarantine", "max.message.bytes", "2097152", "refused"],
  ["flow", "retention.ms", "604800000", "weak"],
  ["flow", "retention.ms", "-1", "fine"],
  ["flow", "retention.ms", "31536000000", "fine"],
  ["control", "retention.ms", "31536000000", "refused"],
  ["control", "retention.bytes", "1073741824", "refused"],
  ["ledger", "retention.bytes", "1073741824", "weak"],
  ["ledger", "min.insync.replicas", "1", "weak"],
  ["ledger", "min.insync.replicas", "3", "fine"],
  ["ledger", "min.insync.replicas", "4", "refused"],
  ["control", "unclean.leader.election.enable", "true", "weak"],
  ["positions", "segment.ms", "604800000", "weak"],
  ["positions", "segment.ms", "60000", "fine"],
  ["secrets", "max.compaction.lag.ms", "9223372036854775807", "weak"],
  ["secrets", "min.compaction.lag.ms", "86400000", "weak"],
  ["flow", "segment.ms", "604800000", "fine"]
]

describe("judging topics", () => {
  for (const replication of [1, 2, 3, 5]) {
    it(`what we make with ${replication} replicas is in order`, () => {
      const { complaints, refusals } = judge(allRight(replication), wanted)
      assert.deepStrictEqual([...refusals, ...complaints], [])
    })
  }

  for (const [topic, setting, value, expected] of table) {
    it(`${setting}=${value} of ${topic} is ${expected}`, () => {
      const { complaints, refusals } = judge(wrong(topic, setting, value), wanted)
      const [found, other] = expected === "refused" ? [refusals, complaints] : [complaints, refusals]
      assert.deepStrictEqual(other, [])
      if (expected === "fine") return assert.deepStrictEqual(found, [])
      const should = settingsOf(topic, 3)[setting]
      assert.strictEqual(found.length, 1)
      assert.isTrue(found[0]?.problem.startsWith(`tailrace.${topic}: ${setting} is ${value}, should be ${should} (`))
      assert.strictEqual(
        found[0]?.cure,
        "kafka-configs.sh --bootstrap-server kafka:9092 --alter --entity-type topics " +
          `--entity-name tailrace.${topic} --add-config ${setting}=${should}`
      )
    })
  }

  it("with credentials the commands say where Kafka's tools find theirs", () => {
    const tls = { ...wanted, tls: { verify: true } }
    const [found] = judge(wrong("flow", "cleanup.policy", "compact"), tls).refusals
    assert.isTrue(
      found?.cure.startsWith(
        "kafka-configs.sh --bootstrap-server kafka:9092 --command-config client.properties --alter"
      )
    )
  })

  it("a setting that a broker does not know is not judged", () => {
    const { "max.compaction.lag.ms": _, ...settings } = settingsOf("secrets", 3)
    const { complaints } = judge(new Map(allRight()).set("secrets", { ...right("secrets"), settings }), wanted)
    assert.deepStrictEqual(complaints, [])
  })

  it("retention is what is really set; for ever is Infinity", () => {
    const { retentionMillis } = judge(wrong("flow", "retention.ms", "3600000"), wanted)
    assert.deepStrictEqual(retentionMillis, { ...defaultRetentionMillis, flow: 3_600_000 })
    assert.strictEqual(judge(wrong("audit", "retention.ms", "-1"), wanted).retentionMillis.audit, Infinity)
  })

  it("retention of topics that are not there is what it will be", () => {
    assert.deepStrictEqual(judge(new Map(), wanted).retentionMillis, defaultRetentionMillis)
  })

  it("another number of lanes than asked for is refused with what is there", () => {
    const { refusals } = judge(allRight(), { ...wanted, lanes: 6 })
    assert.deepStrictEqual(refusals.map(({ problem }) => problem), [
      "the topics of tailrace have 12 lanes, the settings ask for 6"
    ])
    assert.deepStrictEqual(judge(allRight(), { ...wanted, lanes: 12 }).refusals, [])
    assert.deepStrictEqual(judge(new Map(), { ...wanted, lanes: 6 }).refusals, [])
  })

  it("a topic with fewer partitions than the others gets more", () => {
    assert.deepStrictEqual(judge(withPartitions({ flow: 6 }), wanted).refusals, [{
      topic: "flow",
      problem: "tailrace.flow has 6 partitions, but there are 12 lanes: all topics must have the same number",
      cure: "kafka-topics.sh --bootstrap-server kafka:9092 --alter --topic tailrace.flow --partitions 12"
    }])
  })

  it("a topic with more partitions than the others is made anew, unless what it holds is precious", () => {
    const cures = judge(withPartitions({ flow: 16, control: 14 }), wanted).refusals.map(({ cure }) => cure)
    assert.deepStrictEqual(cures, [
      "kafka-topics.sh --bootstrap-server kafka:9092 --delete --topic tailrace.flow (with what it holds: deliver " +
      "that first; the next start makes the topic anew)",
      "Kafka takes no partitions away: restore tailrace.control from a copy with 12, or take another prefix"
    ])
  })

  it("fewer replicas than asked for are complained of", () => {
    const { complaints, refusals } = judge(allRight(1), { ...wanted, replicationFactor: 3 })
    assert.deepStrictEqual([refusals.length, complaints.length], [0, topics.length])
    assert.isTrue(complaints[0]?.problem.startsWith("tailrace.audit: replication factor is 1, should be 3"))
  })
})

import { assert, describe, it } from "@effect/vitest"
import { type LogTrouble, type Topic, topics } from "@tailrace/log"
import type { Found, FoundTopic } from "../../src/topics/Judge.ts"
import { settingsOf } from "../../src/topics/TopicSettings.ts"
import { type Look, startWatch, troublesOf, type Watch, watch } from "../../src/troubles/Watch.ts"

const wanted = { brokers: ["kafka:9092"], prefix: "tailrace", lanes: undefined }
const watched = { wanted, lanes: 4 }

const topicOf = (topic: Topic, part: Partial<FoundTopic> = {}): FoundTopic => ({
  partitions: 4,
  replicationFactor: 1,
  settings: settingsOf(topic, 1),
  ...part
})

const found = (part: Partial<Record<Topic, Partial<FoundTopic>>> = {}): Found =>
  new Map(topics.map((topic): [Topic, FoundTopic] => [topic, topicOf(topic, part[topic])]))

const look = (seconds: number, part: Partial<Look> = {}): Look => ({
  now: seconds * 1_000,
  bounds: [],
  found: found(),
  unreachable: undefined,
  ...part
})

const boundsOf = (stable: number, next: number, lane = 3): Look["bounds"] => [
  { topic: "flow", lane, bounds: { earliest: 0, stable, next } }
]

const after = (...looks: ReadonlyArray<Look>): Watch =>
  looks.reduce((state, one) => watch(state, one, watched), startWatch(found()))

const tell = (state: Watch, seconds: number): ReadonlyArray<LogTrouble> => troublesOf(state, watched, seconds * 1_000)

describe("watching a cluster", () => {
  it("nothing is the matter with what we made", () => {
    assert.deepStrictEqual(tell(after(look(30), look(60)), 60), [])
  })

  it("a transaction that stays open for thirty seconds: who, since when, and the cure", () => {
    const state = after(look(30, { bounds: boundsOf(120, 130) }), look(60, { bounds: boundsOf(120, 150) }))
    assert.deepStrictEqual(tell(state, 59), [])
    assert.deepStrictEqual(tell(state, 60), [{
      at: { topic: "flow", lane: 3 },
      message:
        "a foreign transaction has held lane 3 of flow since 1970-01-01T00:00:30.000Z: nothing from offset 120 " +
        "on is read until it ends. Who: kafka-transactions.sh --bootstrap-server kafka:9092 describe-producers " +
        "--topic tailrace.flow --partition 3. End it: kafka-transactions.sh --bootstrap-server kafka:9092 abort " +
        "--topic tailrace.flow --partition 3 --start-offset 120. Keep producers from it: kafka-acls.sh " +
        "--bootstrap-server kafka:9092 --add --deny-principal \"User:<producer>\" --operation Write " +
        "--transactional-id \"*\"",
      isBlocking: false
    }])
  })

  it("transactions that end in time are none, however many follow each other", () => {
    const looks = [1, 2, 3, 4].map((round) => look(round * 30, { bounds: boundsOf(round * 10, round * 10 + 5) }))
    assert.deepStrictEqual(tell(after(...looks), 125), [])
    const ended = after(look(30, { bounds: boundsOf(5, 9) }), look(90, { bounds: boundsOf(9, 9) }))
    assert.deepStrictEqual(tell(ended, 200), [])
  })

  it("a lane that did not answer at one look is still held", () => {
    const state = after(look(30, { bounds: boundsOf(5, 9) }), look(60), look(90, { bounds: boundsOf(5, 9) }))
    assert.isTrue(tell(state, 90)[0]?.message.includes("since 1970-01-01T00:00:30.000Z"))
  })

  it("added partitions: the lanes that nobody serves, which blocks", () => {
    const grown = found({ flow: { partitions: 6 } })
    const state = after(look(30, { found: grown }), look(60, { found: grown }))
    const [trouble, ...rest] = tell(state, 60)
    assert.deepStrictEqual(rest, [])
    assert.deepStrictEqual([trouble?.at, trouble?.isBlocking], [{ topic: "flow", lane: 4 }, true])
    assert.isTrue(
      trouble?.message.startsWith(
        "lanes 4 to 5 of flow go unserved since 1970-01-01T00:00:30.000Z: tailrace.flow has 6 partitions, but there " +
          "are 4 lanes: all topics must have the same number. Mend it: kafka-topics.sh"
      )
    )
    assert.deepStrictEqual(tell(watch(state, look(90), watched), 90), [])
  })

  it("a cluster out of reach: since when, and why; what was known of it stays known", () => {
    const held = after(look(30, { bounds: boundsOf(5, 9) }))
    const gone = { found: undefined, unreachable: "kafka:9092: connection refused" }
    const state = [look(60, gone), look(90, gone)].reduce((before, one) => watch(before, one, watched), held)
    assert.deepStrictEqual(tell(state, 90).map(({ isBlocking, message }) => [isBlocking, message.slice(0, 95)]), [
      [true, "Kafka at kafka:9092 is out of reach since 1970-01-01T00:01:00.000Z: kafka:9092: connection refu"],
      [false, "a foreign transaction has held lane 3 of flow since 1970-01-01T00:00:30.000Z: nothing from offs"]
    ])
    assert.strictEqual(tell(watch(state, look(120, { bounds: boundsOf(9, 9) }), watched), 120).length, 0)
  })

  it("settings that were changed meanwhile, until they are mended", () => {
    const settings = { ...settingsOf("flow", 1), "cleanup.policy": "compact", "retention.ms": "1000" }
    const state = after(look(30, { found: found({ flow: { settings } }) }))
    assert.deepStrictEqual(tell(state, 30).map(({ isBlocking, message }) => [isBlocking, message.slice(0, 40)]), [
      [false, "tailrace.flow: cleanup.policy is compact"],
      [false, "tailrace.flow: retention.ms is 1000, sho"]
    ])
    assert.deepStrictEqual(tell(watch(state, look(60), watched), 60), [])
  })
})

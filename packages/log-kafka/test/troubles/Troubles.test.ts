import { assert, describe, it } from "@effect/vitest"
import { topics } from "@tailrace/log"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { makeLaneBounds } from "../../src/bounds/LaneBounds.ts"
import { prepareTopics } from "../../src/topics/PrepareTopics.ts"
import { settingsOf } from "../../src/topics/TopicSettings.ts"
import { watchCluster } from "../../src/troubles/Troubles.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { clusterOf, makeModelKafka, topic, unreachable } from "../topics/ModelKafka.ts"

const options = { brokers: ["kafka:9092"], prefix: "tailrace", lanes: undefined, patienceMillis: 0 }

const start = Effect.gen(function*() {
  const model = makeModelKafka({
    topics: new Map(topics.map((one) => [`tailrace.${one}`, topic({ lanes: 3, settings: { ...settingsOf(one, 1) } })]))
  })
  const cluster = clusterOf(model)
  const { found, lanes } = yield* prepareTopics({ cluster, options })
  const { boundsOnce } = yield* makeLaneBounds({ cluster, options })
  const { current } = yield* watchCluster({ cluster, options, lanes, found, boundsOnce })
  const lane = model.topics.get("tailrace.flow")?.partitions[2]
  assert.isDefined(lane)
  return { model, lane, messages: Effect.map(current, (list) => list.map(({ message }) => message)) }
})

describe("troubles of a cluster", () => {
  it.effect("one look costs five requests, every half minute", () =>
    Effect.gen(function*() {
      const { messages, model } = yield* start
      const before = model.calls.length
      yield* TestClock.adjust("90 seconds")
      const calls = model.calls.slice(before)
      assert.deepStrictEqual(Map.groupBy(calls, (name) => name).get("ListOffsets")?.length, 9)
      assert.strictEqual(calls.length, 15)
      assert.deepStrictEqual(yield* messages, [])
    }))

  it.effect("a transaction that hangs is told while it hangs", () =>
    Effect.gen(function*() {
      const { lane, messages } = yield* start
      Object.assign(lane, { stable: 4, next: 9 })
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* messages, [])
      yield* TestClock.adjust("30 seconds")
      assert.match((yield* messages).join(), /^a foreign transaction has held lane 2 of flow since/)
      lane.stable = 9
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* messages, [])
    }))

  it.effect("a cluster that is lost is told, and that it is back", () =>
    Effect.gen(function*() {
      const { messages, model } = yield* start
      model.unreachable = unreachable("kafka:9092: connection refused")
      yield* TestClock.adjust("60 seconds")
      assert.deepStrictEqual(yield* messages, [
        "Kafka at kafka:9092 is out of reach since 1970-01-01T00:00:30.000Z: kafka:9092: connection refused"
      ])
      model.unreachable = undefined
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(yield* messages, [])
    }))

  it.effect("one lane that does not answer keeps nothing else from being seen", () =>
    Effect.gen(function*() {
      const { lane, messages, model } = yield* start
      model.codes.set("ListOffsets tailrace.audit", ErrorCode.LEADER_NOT_AVAILABLE)
      Object.assign(lane, { stable: 4, next: 9 })
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual((yield* messages).length, 1)
    }))

  it.effect("a permission that was taken away is told", () =>
    Effect.gen(function*() {
      const { messages, model } = yield* start
      model.codes.set("Metadata tailrace.flow", ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      yield* TestClock.adjust("30 seconds")
      assert.match((yield* messages).join(), /no permission to describe it\. Grant it: kafka-acls\.sh/)
    }))
})

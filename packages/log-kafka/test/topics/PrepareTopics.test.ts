import { assert, describe, it } from "@effect/vitest"
import { topics } from "@tailrace/log"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { KafkaOptions } from "../../src/KafkaOptions.ts"
import { prepareTopics } from "../../src/topics/PrepareTopics.ts"
import { settingsOf } from "../../src/topics/TopicSettings.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { clusterOf, makeModelKafka, type ModelKafka, topic, unreachable } from "./ModelKafka.ts"

const options: KafkaOptions = { brokers: ["kafka:9092"], prefix: "tailrace", lanes: undefined, patienceMillis: 0 }

const prepare = (model: ModelKafka, part: Partial<KafkaOptions> = {}) =>
  prepareTopics({ cluster: clusterOf(model), options: { ...options, ...part } })

/** Virtual time passes while it works. */
const withTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("1 minute")
    return yield* Fiber.join(fiber)
  })

const names = topics.map((one) => `tailrace.${one}`)

describe("topics of an empty cluster", () => {
  it.effect("are all made by one request, with the settings they must have", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ brokers: [1, 2, 3, 4] })
      const { complaints, guarantees, lanes } = yield* prepare(model)
      assert.deepStrictEqual([...model.topics.keys()], names)
      assert.strictEqual(model.calls.filter((name) => name === "CreateTopics").length, 1)
      assert.deepStrictEqual([lanes, complaints.length, guarantees.length], [12, 0, 1])
      for (const one of topics) {
        const made = model.topics.get(`tailrace.${one}`)
        assert.deepStrictEqual([made?.replicas, made?.partitions.length], [3, 12])
        assert.deepStrictEqual(made?.settings, settingsOf(one, 3))
      }
    }))

  it.effect("have the lanes and replicas that are asked for", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ brokers: [1, 2, 3] })
      yield* prepare(model, { lanes: 4, replicationFactor: 2 })
      const made = model.topics.get("tailrace.flow")
      assert.deepStrictEqual([made?.replicas, made?.partitions.length], [2, 4])
    }))

  it.effect("are made where brokers learn of them late", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ lag: 5 })
      assert.strictEqual((yield* withTime(prepare(model))).lanes, 12)
    }))

  it.effect("two processes that start at once both succeed, and agree", () =>
    Effect.gen(function*() {
      const model = makeModelKafka()
      model.before = (name) => name === "CreateTopics" ? Effect.yieldNow : Effect.void
      const both = yield* Effect.all([prepare(model), prepare(model)], { concurrency: 2 })
      assert.deepStrictEqual(both.map(({ lanes }) => lanes), [12, 12])
      assert.strictEqual(model.calls.filter((name) => name === "CreateTopics").length, 2)
    }))

  it.effect("two processes that ask for different lanes: one of them is refused", () =>
    Effect.gen(function*() {
      const model = makeModelKafka()
      model.before = (name) => name === "CreateTopics" ? Effect.yieldNow : Effect.void
      const both = yield* Effect.all(
        [Effect.result(prepare(model, { lanes: 4 })), Effect.result(prepare(model, { lanes: 6 }))],
        { concurrency: 2 }
      )
      assert.deepStrictEqual(both.map(({ _tag }) => _tag), ["Success", "Failure"])
    }))

  it.effect("fewer brokers than the settings name: nothing is made with fewer replicas, it is waited for", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ brokers: [1] })
      const error = yield* Effect.flip(prepare(model, { brokers: ["a:9092", "b:9092", "c:9092"] }))
      assert.strictEqual(error._tag, "Unreachable")
      assert.strictEqual(model.topics.size, 0)
    }))

  it.effect("whoever may not make topics is told which permission lacks", () =>
    Effect.gen(function*() {
      const model = makeModelKafka()
      model.codes.set("CreateTopics", ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      const error = yield* Effect.flip(prepare(model))
      assert.strictEqual(
        error.message,
        "Kafka at kafka:9092 cannot be used: tailrace.audit: no permission to create it. Grant it: kafka-acls.sh " +
          "--bootstrap-server kafka:9092 --add --allow-principal \"User:<this process>\" --operation Create " +
          "--operation Describe --operation DescribeConfigs --topic tailrace. --resource-pattern-type prefixed"
      )
    }))

  for (const code of [ErrorCode.NOT_CONTROLLER, ErrorCode.REQUEST_TIMED_OUT]) {
    it.effect(`an answer that passes (${code}) is one to try again`, () =>
      Effect.gen(function*() {
        const model = makeModelKafka()
        model.codes.set("CreateTopics", code)
        assert.strictEqual((yield* Effect.flip(prepare(model)))._tag, "Unreachable")
        model.codes.clear()
        yield* prepare(model)
      }))
  }

  it.effect("what a policy of the cluster forbids is said in its words", () =>
    Effect.gen(function*() {
      const model = makeModelKafka()
      model.codes.set("CreateTopics tailrace.flow", ErrorCode.POLICY_VIOLATION)
      const error = yield* Effect.flip(prepare(model))
      assert.strictEqual(error.message, "Kafka at kafka:9092 cannot be used: tailrace.flow: said the broker")
    }))
})

describe("topics that are there", () => {
  const present = (lanes: number) =>
    new Map(topics.map((one) => [`tailrace.${one}`, topic({ lanes, settings: { ...settingsOf(one, 1) } })]))

  it.effect("are taken as they are", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ topics: present(5) })
      assert.strictEqual((yield* prepare(model)).lanes, 5)
      assert.deepStrictEqual(model.calls, ["Metadata", "DescribeConfigs"])
    }))

  it.effect("say how many lanes the absent ones get", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ topics: present(5) })
      model.topics.delete("tailrace.positions")
      assert.strictEqual((yield* prepare(model)).lanes, 5)
      assert.strictEqual(model.topics.get("tailrace.positions")?.partitions.length, 5)
    }))

  it.effect("a wrong one is refused before anything is made, in one line with the command", () =>
    Effect.gen(function*() {
      const model = makeModelKafka()
      model.topics.set("tailrace.flow", topic({ lanes: 5, settings: {} }))
      const error = yield* Effect.flip(prepare(model))
      assert.strictEqual(error._tag, "KafkaUnusable")
      assert.strictEqual(
        error.message,
        "Kafka at kafka:9092 cannot be used: tailrace.flow: message.timestamp.type is CreateTime, should be " +
          "LogAppendTime (retention would go by times that producers made up); tailrace.flow: max.message.bytes is " +
          "1048588, should be 2097152 (records of 1 MiB would be refused). Mend it: kafka-configs.sh " +
          "--bootstrap-server kafka:9092 --alter --entity-type topics --entity-name tailrace.flow --add-config " +
          "message.timestamp.type=LogAppendTime,max.message.bytes=2097152"
      )
      assert.strictEqual(model.topics.size, 1)
    }))

  it.effect("the line has an end, however much is wrong", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ topics: new Map(names.map((name) => [name, topic({ lanes: 1 })])) })
      const { message } = yield* Effect.flip(prepare(model))
      assert.match(message, /; and \d+ more\. Mend it: kafka-configs.sh .*; and 1 more$/)
    }))

  it.effect("of which nothing may be seen: the permission that lacks", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ topics: present(5) })
      model.codes.set("Metadata tailrace.flow", ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      const error = yield* Effect.flip(prepare(model, {
        sasl: { mechanism: "OAUTHBEARER", token: Effect.die("not asked") }
      }))
      assert.include(error.message, "tailrace.flow: no permission to describe it. Grant it: kafka-acls.sh")
      assert.include(error.message, "--command-config client.properties")
    }))

  it.effect("whose settings may not be seen: the permission that lacks", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ topics: present(5) })
      model.codes.set("DescribeConfigs tailrace.flow", ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      assert.include((yield* Effect.flip(prepare(model))).message, "--operation DescribeConfigs --topic tailrace.")
    }))

  it.effect("a cluster that does not answer is no refusal", () =>
    Effect.gen(function*() {
      const model = makeModelKafka({ unreachable: unreachable("kafka:9092: connection refused") })
      assert.strictEqual((yield* Effect.flip(prepare(model)))._tag, "Unreachable")
    }))
})

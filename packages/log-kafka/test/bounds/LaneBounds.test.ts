import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeLaneBounds } from "../../src/bounds/LaneBounds.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { clusterOf, makeModelKafka, type ModelKafka, partition, topic, unreachable } from "../topics/ModelKafka.ts"

const options = { brokers: ["kafka:9092"], prefix: "tailrace" }

const made = (model: ModelKafka) => makeLaneBounds({ cluster: clusterOf(model), options })

const modelOf = (...partitions: ReadonlyArray<Parameters<typeof partition>[0]>): ModelKafka =>
  makeModelKafka({ topics: new Map([["tailrace.flow", topic({ partitions: partitions.map(partition) })]]) })

const laneAt = (model: ModelKafka, lane: number) => {
  const found = model.topics.get("tailrace.flow")?.partitions[lane]
  assert.isDefined(found)
  return found
}

/** Holds up every question until it is opened. */
const gateOf = (model: ModelKafka) =>
  Effect.map(Deferred.make<void>(), (gate) => {
    model.after = Deferred.await(gate)
    return Deferred.succeed(gate, undefined)
  })

describe("bounds", () => {
  it.effect("are the earliest offset, the last stable one and the high watermark", () =>
    Effect.gen(function*() {
      const { bounds } = yield* made(modelOf({ earliest: 3, stable: 7, next: 9 }, { earliest: 1, stable: 1, next: 1 }))
      assert.deepStrictEqual(yield* bounds("flow", 0), { earliest: 3, stable: 7, next: 9 })
      assert.deepStrictEqual(yield* bounds("flow", 1), { earliest: 1, stable: 1, next: 1 })
    }))

  it.effect("of many lanes are asked for together", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 1 }, { next: 2 }, { next: 3 })
      const { bounds } = yield* made(model)
      const all = yield* Effect.forEach([0, 1, 2, 0, 1], (lane) => bounds("flow", lane), { concurrency: 5 })
      assert.deepStrictEqual(all.map(({ next }) => next), [1, 2, 3, 1, 2])
      assert.strictEqual(model.calls.length, 3)
    }))

  it.effect("a question that was sent before the call never answers it", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 5 })
      const { bounds } = yield* made(model)
      const open = yield* gateOf(model)
      const first = yield* Effect.forkChild(bounds("flow", 0))
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      assert.strictEqual(model.calls.length, 3)
      const later = yield* Effect.forkChild(Effect.all([bounds("flow", 0), bounds("flow", 0)], { concurrency: 2 }))
      yield* Effect.yieldNow
      laneAt(model, 0).next = 6
      yield* open
      assert.strictEqual((yield* Fiber.join(first)).next, 5)
      assert.deepStrictEqual((yield* Fiber.join(later)).map(({ next }) => next), [6, 6])
      assert.strictEqual(model.calls.length, 6)
    }))

  it.effect("many callers over time each see what was there when they called", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 0 })
      model.after = Effect.sleep("5 millis")
      const { bounds } = yield* made(model)
      const fibers = []
      for (let round = 1; round <= 50; round++) {
        Object.assign(laneAt(model, 0), { next: round, stable: round })
        fibers.push(
          yield* Effect.forkChild(
            bounds("flow", 0).pipe(
              Effect.map(({ next, stable }) => next >= round && stable >= round)
            ),
            { startImmediately: true }
          )
        )
        yield* TestClock.adjust(`${round % 3} millis`)
      }
      yield* TestClock.adjust("1 second")
      for (const fiber of fibers) assert.isTrue(yield* Fiber.join(fiber))
      assert.isBelow(model.calls.length, 150)
    }))

  it.effect("a leader that has moved is looked up anew, again and again", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 5 })
      model.codes.set("ListOffsets", ErrorCode.LEADER_NOT_AVAILABLE)
      const { bounds } = yield* made(model)
      const fiber = yield* Effect.forkChild(bounds("flow", 0))
      yield* TestClock.adjust("10 seconds")
      assert.isAbove(model.forgotten.length, 5)
      model.codes.clear()
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).next, 5)
    }))

  it.effect("after thirty seconds the lane is unavailable", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 5 })
      model.unreachable = unreachable("broker-1:9092: connection refused")
      const { bounds } = yield* made(model)
      const fiber = yield* Effect.forkChild(Effect.flip(bounds("flow", 0)))
      yield* TestClock.adjust("29 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, "the log is unavailable: broker-1:9092: connection refused")
    }))

  it.effect("a missing permission is said at once, with the command", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 5 })
      model.codes.set("ListOffsets", ErrorCode.TOPIC_AUTHORIZATION_FAILED)
      const error = yield* Effect.flip(Effect.flatMap(made(model), ({ bounds }) => bounds("flow", 0)))
      assert.include(error.message, "no permission to read tailrace.flow/0. Grant it: kafka-acls.sh")
    }))

  it.effect("whoever is interrupted harms nobody else", () =>
    Effect.gen(function*() {
      const model = modelOf({ next: 5 })
      const { bounds } = yield* made(model)
      const open = yield* gateOf(model)
      const first = yield* Effect.forkChild(bounds("flow", 0), { startImmediately: true })
      const second = yield* Effect.forkChild(bounds("flow", 0), { startImmediately: true })
      yield* Fiber.interrupt(first)
      yield* open
      assert.strictEqual((yield* Fiber.join(second)).next, 5)
      assert.strictEqual((yield* bounds("flow", 0)).next, 5)
    }))
})

describe("the offset at a time", () => {
  const model = modelOf({ next: 3, stable: 3, times: [10, 20, 20] })
  const table: ReadonlyArray<readonly [time: number, offset: number]> = [
    [0, 0],
    [-2, 0],
    [-1, 0],
    [10, 0],
    [10.5, 1],
    [20, 1],
    [21, 3],
    [Infinity, 3]
  ]
  for (const [time, offset] of table) {
    it.effect(`of ${time} is ${offset}`, () =>
      Effect.gen(function*() {
        const { offsetAt } = yield* made(model)
        assert.strictEqual(yield* offsetAt("flow", 0, time), offset)
      }))
  }
})

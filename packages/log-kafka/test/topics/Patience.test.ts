import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Logger } from "effect"
import { TestClock } from "effect/testing"
import { KafkaUnusable } from "../../src/KafkaUnusable.ts"
import { patiently } from "../../src/Patience.ts"
import { Unreachable } from "../../src/wire/Unreachable.ts"

const options = { brokers: ["kafka:9092", "other:9092"], patienceMillis: 25_000 }
const silent = new Unreachable({ reason: "kafka:9092: connection refused", isRefusal: false })

/** Fails `failures` times, then answers; with the lines that are logged. */
const run = Effect.fnUntraced(function*(failures: number, part: Partial<typeof options> = {}) {
  let left = failures
  const lines: Array<unknown> = []
  const attempt = Effect.suspend(() => left-- > 0 ? Effect.fail(silent) : Effect.succeed("ready"))
  const logger = Logger.make(({ message }) => void lines.push(message))
  const fiber = yield* patiently(attempt, { ...options, ...part }).pipe(
    Effect.provide(Logger.layer([logger])),
    Effect.forkChild({ startImmediately: true })
  )
  return { fiber, lines: () => lines.flat() }
})

const line = "waiting for Kafka at kafka:9092: kafka:9092: connection refused"

describe("waiting for the cluster at the start", () => {
  it.effect("ends when it answers; says every ten seconds what it waits for", () =>
    Effect.gen(function*() {
      const { fiber, lines } = yield* run(45)
      assert.deepStrictEqual(lines(), [line])
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(lines(), [line])
      yield* TestClock.adjust("12 seconds")
      assert.deepStrictEqual(lines(), [line, line, line])
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "ready")
    }))

  it.effect("ends when patience does, with one line", () =>
    Effect.gen(function*() {
      const { fiber } = yield* run(Infinity)
      yield* TestClock.adjust("24 seconds")
      assert.isUndefined(fiber.pollUnsafe())
      yield* TestClock.adjust("1 second")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(
        error.message,
        "Kafka at kafka:9092 cannot be used: kafka:9092: connection refused (waited for 25 s)"
      )
    }))

  it.effect("without patience one attempt is made", () =>
    Effect.gen(function*() {
      const first = yield* run(0, { patienceMillis: 0 })
      assert.strictEqual(yield* Fiber.join(first.fiber), "ready")
      const second = yield* run(1, { patienceMillis: 0 })
      assert.isTrue(Exit.isFailure(yield* Fiber.await(second.fiber)))
    }))

  it.effect("is not done where the cluster refuses us, or cannot be used", () =>
    Effect.gen(function*() {
      const refusal = new Unreachable({ reason: "kafka:9092: wrong password", isRefusal: true })
      const refused = yield* Effect.flip(patiently(Effect.fail(refusal), options))
      assert.strictEqual(refused.message, "Kafka at kafka:9092 cannot be used: kafka:9092: wrong password")
      const unusable = new KafkaUnusable({ bootstrap: "kafka:9092", reason: "tailrace.flow is compacted" })
      assert.strictEqual(yield* Effect.flip(patiently(Effect.fail(unusable), options)), unusable)
    }))
})

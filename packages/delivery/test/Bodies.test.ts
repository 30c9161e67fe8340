import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Bodies } from "../src/gather/Bodies.ts"

const MiB = 1024 * 1024

/** Names of the bodies that were sent after a second, while `stuck` ones never get an answer. */
const sentBeside = Effect.fnUntraced(function*(stuck: ReadonlyArray<number>, sizes: ReadonlyArray<number>) {
  const bodies = new Bodies(72 * MiB)
  const held = yield* Effect.forEach(stuck, (size) => Effect.forkChild(bodies.hold(size, Effect.never)))
  yield* TestClock.adjust("1 second")
  const sent: Array<number> = []
  const others = yield* Effect.forEach(
    sizes,
    (size) => Effect.forkChild(bodies.hold(size, Effect.sync(() => void sent.push(size))))
  )
  yield* TestClock.adjust("1 second")
  yield* Effect.forEach([...held, ...others], Fiber.interrupt)
  return sent
})

describe("memory for request bodies", () => {
  it.effect("large bodies without an answer leave room for the others", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sentBeside([64 * MiB, 64 * MiB], [8 * MiB, MiB, 1000]), [8 * MiB, MiB, 1000])
    }))

  it.effect("small bodies never wait", () =>
    Effect.gen(function*() {
      const stuck = [64 * MiB, ...Array.from({ length: 8 }, () => MiB)]
      assert.deepStrictEqual(yield* sentBeside(stuck, [MiB, 64 * MiB, 256 * 1024]), [256 * 1024])
    }))

  it.effect("a body over the pool is sent alone", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sentBeside([], [100 * MiB]), [100 * MiB])
    }))
})

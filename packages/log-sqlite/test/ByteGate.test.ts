import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { makeByteGate } from "../src/ByteGate.ts"

const enter = Effect.fnUntraced(function*(gate: ReturnType<typeof makeByteGate>, inside: Array<number>, bytes: number) {
  yield* gate.admit(bytes)
  inside.push(bytes)
})

const start = (effect: Effect.Effect<void>) => Effect.forkChild(effect, { startImmediately: true })

describe("ByteGate", () => {
  it.effect("lets in first come, first served, and a large one is not overtaken", () =>
    Effect.gen(function*() {
      const gate = makeByteGate(100)
      const inside: Array<number> = []
      for (const bytes of [60, 90, 10]) yield* start(enter(gate, inside, bytes))
      assert.deepStrictEqual(inside, [60])
      gate.release(60)
      yield* Effect.yieldNow
      assert.deepStrictEqual(inside, [60, 90, 10])
    }))

  it.effect("what is larger than the bound goes in alone", () =>
    Effect.gen(function*() {
      const gate = makeByteGate(100)
      const inside: Array<number> = []
      for (const bytes of [1, 500, 2]) yield* start(enter(gate, inside, bytes))
      gate.release(1)
      yield* Effect.yieldNow
      assert.deepStrictEqual(inside, [1, 500])
      gate.release(500)
      yield* Effect.yieldNow
      assert.deepStrictEqual(inside, [1, 500, 2])
    }))

  it.effect("a waiter that is interrupted takes no room, also when it had just got it", () =>
    Effect.gen(function*() {
      const gate = makeByteGate(100)
      const inside: Array<number> = []
      yield* gate.admit(100)
      const gone = yield* start(enter(gate, inside, 100))
      const late = yield* start(enter(gate, inside, 100))
      const last = yield* start(enter(gate, inside, 100))
      yield* Fiber.interrupt(gone)
      gate.release(100)
      yield* Fiber.interrupt(late)
      if (inside.length > 0) gate.release(100)
      yield* Fiber.join(last)
      assert.strictEqual(inside.at(-1), 100)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import { TestClock } from "effect/testing"
import { type Fresh, makeFresh } from "../../src/wire/Fresh.ts"

/** Answers the number of the asking after a second; fails where that number is in `failing`. */
const counted = Effect.fnUntraced(function*(failing: ReadonlyArray<number> = []) {
  let asked = 0
  const ask = Effect.suspend(() => {
    asked += 1
    const number = asked
    const outcome = failing.includes(number) ? Effect.fail(`no ${number}`) : Effect.succeed(number)
    return Effect.andThen(Effect.sleep("1 second"), outcome)
  })
  const scope = yield* Scope.make()
  const fresh: Fresh<number, string> = makeFresh(scope, { ask, closed: () => "closed" })
  return { fresh, scope, asked: () => asked }
})

const settled = Effect.fnUntraced(function*<A, E>(effects: ReadonlyArray<Effect.Effect<A, E>>) {
  const fibers = yield* Effect.forEach(effects, (each) => Effect.forkChild(Effect.exit(each)))
  yield* TestClock.adjust("10 seconds")
  return yield* Effect.forEach(fibers, Fiber.join)
})

describe("Fresh", () => {
  it.effect("is asked once for all who wait, and kept", () =>
    Effect.gen(function*() {
      const { asked, fresh } = yield* counted()
      const exits = yield* settled(Array.from({ length: 5 }, () => fresh.atLeast(1)))
      assert.deepStrictEqual(exits, Array.from({ length: 5 }, () => Exit.succeed(1)))
      assert.strictEqual(yield* fresh.atLeast(1), 1)
      assert.strictEqual(asked(), 1)
    }))

  it.effect("who needs a later asking than the one under way waits for it, once for all", () =>
    Effect.gen(function*() {
      const { asked, fresh } = yield* counted()
      const first = yield* Effect.forkChild(fresh.atLeast(1))
      yield* TestClock.adjust("500 millis")
      const later = fresh.next()
      assert.deepStrictEqual(yield* settled([fresh.atLeast(later), fresh.atLeast(later)]), [
        Exit.succeed(2),
        Exit.succeed(2)
      ])
      assert.strictEqual(yield* Fiber.join(first), 1)
      assert.strictEqual(asked(), 2)
    }))

  it.effect("a failure is everyone's who waited for it, and the next one asks again", () =>
    Effect.gen(function*() {
      const { fresh } = yield* counted([1])
      assert.deepStrictEqual(yield* settled([fresh.atLeast(1), fresh.atLeast(1)]), [
        Exit.fail("no 1"),
        Exit.fail("no 1")
      ])
      assert.deepStrictEqual(yield* settled([fresh.atLeast(1)]), [Exit.succeed(2)])
    }))

  it.effect("a failed asking does not take away what an earlier one brought", () =>
    Effect.gen(function*() {
      const { fresh } = yield* counted([2])
      yield* settled([fresh.atLeast(1)])
      assert.deepStrictEqual(yield* settled([fresh.atLeast(2)]), [Exit.fail("no 2")])
      assert.strictEqual(fresh.kept(), 1)
      assert.strictEqual(yield* fresh.atLeast(1), 1)
    }))

  it.effect("who gives up waiting does not take the asking from the others", () =>
    Effect.gen(function*() {
      const { asked, fresh } = yield* counted()
      const first = yield* Effect.forkChild(fresh.atLeast(1))
      const second = yield* Effect.forkChild(fresh.atLeast(1))
      yield* TestClock.adjust("500 millis")
      yield* Fiber.interrupt(first)
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(yield* Fiber.join(second), 1)
      assert.strictEqual(asked(), 1)
    }))

  it.effect("nobody waits for ever when the scope is closed", () =>
    Effect.gen(function*() {
      const { fresh, scope } = yield* counted()
      const waiting = yield* Effect.forkChild(Effect.exit(fresh.atLeast(1)))
      yield* TestClock.adjust("500 millis")
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* Fiber.join(waiting), Exit.fail("closed"))
      assert.deepStrictEqual(yield* Effect.exit(fresh.atLeast(1)), Exit.fail("closed"))
    }))
})

/** Random fates for the calls of a test, and how its time passes. */
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import type { Fate } from "./ModelCluster.ts"

const single: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fate>({ kind: "well" }) },
  { weight: 3, arbitrary: fc.constantFrom<Fate>({ kind: "answerLost" }, { kind: "questionLost" }) },
  { weight: 2, arbitrary: fc.constantFrom<Fate>({ kind: "stale" }, { kind: "unsure" }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 12 }).map((calls): Fate => ({ kind: "late", calls })) }
)

/** A time in which nobody is there. */
const outage: fc.Arbitrary<ReadonlyArray<Fate>> = fc.integer({ min: 10, max: 60 }).map((calls) =>
  Array.from({ length: calls }, (): Fate => ({ kind: "silent", millis: 700 }))
)

/** Runs of single mishaps, now and then an outage that outlasts the patience. */
export const fates: fc.Arbitrary<ReadonlyArray<Fate>> = fc.array(
  fc.oneof({ weight: 12, arbitrary: single.map((fate) => [fate]) }, { weight: 1, arbitrary: outage }),
  { maxLength: 60 }
).map((runs) => runs.flat())

/** Moves the test's clock on until the effect has ended; at most `most` seconds. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>, most = 3600): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    for (let second = 0; second < most * 20 && fiber.pollUnsafe() === undefined; second++) {
      yield* TestClock.adjust(50)
    }
    return yield* Fiber.join(fiber)
  })

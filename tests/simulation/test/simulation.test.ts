/**
 * The invariants of delivery over many seeds: real actors, simulated log, stores and time, seeded faults. `SEEDS` asks
 * for another number, `SEED` for another first one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Config, Console, Effect } from "effect"
import { plantedBugs } from "../src/planted/bugs.ts"
import { findBugs, runSeeds } from "../src/run/pool.ts"
import { countsOf, countsText, failuresOf, failureText } from "../src/run/report.ts"
import { required } from "../src/run/required.ts"
import type { BugName } from "../src/run/worker.ts"

/** What `npm test` runs: enough to meet everything in `required`. */
const seedsDefault = 1_000
/** Within so many seeds a planted bug must show. */
const bugSeeds = 200
/** So many seeds are run a second time. */
const repeated = 20
const patience = 900_000

const isBug = (name: string): name is BugName => name in plantedBugs

describe("simulation", () => {
  it.live(
    "holds every invariant, has met every fault and state, and repeats itself exactly",
    () =>
      Effect.gen(function*() {
        const from = yield* Config.Int("SEED").pipe(Config.withDefault(1))
        const count = yield* Config.Int("SEEDS").pipe(Config.withDefault(seedsDefault))
        const outcomes = yield* runSeeds({ from, count })
        const counts = countsOf(outcomes)
        yield* Console.log(`met in ${outcomes.length} seeds:\n${countsText(counts)}`)
        assert.strictEqual(failuresOf(outcomes).map(failureText).join("\n"), "")
        const again = yield* runSeeds({ from, count: Math.min(count, repeated) })
        assert.deepStrictEqual(again.map(({ hash }) => hash), outcomes.slice(0, repeated).map(({ hash }) => hash))
        const unmet = count < seedsDefault ? [] : required.filter((name) => (counts.get(name) ?? 0) === 0)
        assert.deepStrictEqual(unmet, [])
      }),
    patience
  )

  it.live("finds each planted bug", () =>
    Effect.gen(function*() {
      const found = yield* findBugs(Object.keys(plantedBugs).filter(isBug), bugSeeds)
      for (const [bug, outcome] of found) {
        yield* Console.log(`${bug}: ${outcome === undefined ? "not found" : `seed ${outcome.seed}`}`)
      }
      assert.deepStrictEqual([...found].filter(([, outcome]) => outcome === undefined).map(([bug]) => bug), [])
    }), patience)
})

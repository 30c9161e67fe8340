/** The simulation tried on a consumer that is right in calm weather: it must pass, and stop passing when broken. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Effect } from "effect"
import { Prng } from "../src/engine/Prng.ts"
import { epochMillis, Process } from "../src/engine/Process.ts"
import { immortal, Timeline } from "../src/engine/Timeline.ts"
import { plantedBugs } from "../src/planted/bugs.ts"
import type { Scenario } from "../src/run/Scenario.ts"
import { asReceivers } from "../src/run/receivers.ts"
import { type Outcome, simulate } from "../src/run/simulate.ts"
import type { Wraps } from "../src/world/Fleet.ts"
import { calm } from "../src/world/Weather.ts"
import { standIn } from "./StandIn.ts"

/** Calm weather in which processes die and lanes move. */
const calmed = (drawn: Scenario): Scenario => ({
  ...drawn,
  plainRecords: true,
  weather: calm,
  brokenTopic: null,
  failing: null,
  hasReceivers: false,
  indexes: drawn.indexes.map((index) => ({ ...index, maxAgeMillis: null })),
  timed: [],
  triggers: drawn.triggers.filter(({ act }) => act === "kill" || act === "steal" || act === "refuseAll"),
  buckets: drawn.buckets.map((bucket) => ({ ...bucket, conditional: true, metadata: true, headless: false }))
})

/** All destinations are of one kind. */
const adapt = (seed: number, kind: Kind) => (drawn: Scenario): Scenario => {
  const stores = { ...drawn, destinations: drawn.destinations.map((plan) => ({ ...plan, index: null })) }
  return calmed(kind === "stores" ? stores : asReceivers(new Prng(seed), stores, 1))
}

type Kind = "stores" | "receivers"

const run = (seed: number, { kind = "stores", wraps = {} }: { kind?: Kind; wraps?: Wraps } = {}): Outcome =>
  simulate(seed, { delivery: () => standIn, adapt: adapt(seed, kind), wraps }, { keepTrace: false })

const seeds = Array.from({ length: 60 }, (_, index) => index + 1)

describe("timeline", () => {
  it("runs timers in order of time, then of making", () => {
    const timeline = new Timeline()
    const seen: Array<string> = []
    for (const [name, millis] of [["b", 20], ["a", 10], ["c", 20], ["d", 5]] as const) {
      timeline.after(millis, immortal, () => seen.push(`${name}@${timeline.now}`))
    }
    timeline.after(15, immortal, () => seen.push("cancelled"))()
    assert.strictEqual(timeline.run(100, () => false), "idle")
    assert.deepStrictEqual(seen, ["d@5", "a@10", "b@20", "c@20"])
  })

  it("runs nothing of a dead process, not even finalizers", () => {
    const timeline = new Timeline()
    const process = new Process("p", timeline, new Prng(1))
    const seen: Array<string> = []
    process.fork(
      Effect.sleep(10).pipe(
        Effect.tap(() => Effect.sync(() => seen.push("woke"))),
        Effect.andThen(Effect.never),
        Effect.ensuring(Effect.sync(() => seen.push("finalizer")))
      )
    )
    timeline.after(20, immortal, () => process.kill())
    timeline.run(1_000, () => false)
    assert.deepStrictEqual(seen, ["woke"])
  })

  it("keeps the monotonic clock steady while the wall clock jumps", () => {
    const timeline = new Timeline()
    const process = new Process("p", timeline, new Prng(1))
    const done = Deferred.makeUnsafe<readonly [number, bigint]>()
    process.wallOffset = -86_400_000
    const both = Effect.all([Clock.currentTimeMillis, Clock.monotonicTimeNanos])
    process.fork(Effect.sleep(250).pipe(Effect.andThen(both), Effect.flatMap((now) => Deferred.succeed(done, now))))
    timeline.run(1_000, () => false)
    const seen: Array<unknown> = []
    process.fork(Effect.map(Deferred.await(done), (now) => seen.push(...now)))
    assert.deepStrictEqual(seen, [epochMillis + 250 - 86_400_000, 250_000_000n])
  })
})

describe("simulation", () => {
  it("finds nothing wrong with a consumer that is right in calm weather", () => {
    for (const seed of seeds) assert.deepStrictEqual(run(seed).violations, [], `seed ${seed}`)
  })

  it("gives the same trace for the same seed, and another one for another", () => {
    for (const seed of seeds.slice(0, 5)) {
      const { hash } = run(seed)
      assert.strictEqual(run(seed).hash, hash)
      assert.notStrictEqual(run(seed + 1).hash, hash)
    }
  })

  it("finds nothing wrong with it as a sender to receivers", () => {
    for (const seed of seeds) assert.deepStrictEqual(run(seed, { kind: "receivers" }).violations, [], `seed ${seed}`)
  })

  for (const bug of ["seal after send", "no fence", "cursor from the wrong seal"] as const) {
    it(`finds a planted bug in it: ${bug}`, () => {
      assert.isTrue(seeds.some((seed) => run(seed, { wraps: plantedBugs[bug] }).violations.length > 0))
    })
  }

  const ofReceivers = [
    "quarantine without its cursor",
    "items to be sent again dropped",
    "record before a poison sent twice",
    "poison limit ignored"
  ] as const
  for (const bug of ofReceivers) {
    it(`finds a planted bug in it as a sender to receivers: ${bug}`, () => {
      assert.isTrue(
        seeds.some((seed) => run(seed, { kind: "receivers", wraps: plantedBugs[bug] }).violations.length > 0)
      )
    })
  }
})

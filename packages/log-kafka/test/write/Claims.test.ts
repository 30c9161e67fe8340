/** Random histories of two processes that claim the same lane, over a cluster that loses and delays what they say. */
import { assert, describe, it } from "@effect/vitest"
import { type LaneEntry, type LaneWriter, type Topic } from "@tailrace/log"
import { Effect, Exit, Fiber, type Scope } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { type Claimer, makeClaimer } from "../../src/write/Claimer.ts"
import { fates, inTime } from "./Fates.ts"
import { ModelCluster } from "./ModelCluster.ts"

const encoder = new TextEncoder()
const reach = { brokers: ["model:9092"], prefix: "m" }
const topics = ["ledger", "positions"] as const

const step = fc.record({
  kind: fc.constantFrom("claim", "commit", "commit", "commit", "commit"),
  process: fc.constantFrom(0, 0, 0, 1),
  /** The next step begins so long after this one began, or when it has ended (−1). */
  millis: fc.constantFrom(-1, -1, -1, 0, 5, 200)
})
type Step = Parameters<Parameters<typeof step.map>[0]>[0]

interface Commit {
  readonly name: string
  outcome: "running" | "stored" | "fenced" | "unknown"
  readonly writer: LaneWriter
}

const entriesOf = (name: string): ReadonlyArray<LaneEntry> =>
  topics.flatMap((topic: Topic) =>
    [0, 1].map((index) => ({ topic, key: "k", value: encoder.encode(`${name}.${index}`) }))
  )

class History {
  readonly commits: Array<Commit> = []
  readonly cluster: ModelCluster
  private readonly writers: Array<LaneWriter | undefined> = [undefined, undefined]

  constructor(cluster: ModelCluster) {
    this.cluster = cluster
  }

  /** What was begun before is in the log now, or never will be. */
  readonly claim = (claimer: Claimer, process: number) =>
    Effect.gen({ self: this }, function*() {
      const before = [...this.commits]
      const writer = yield* Effect.option(claimer.claim(0))
      if (writer._tag === "None") return
      this.writers[process] = writer.value
      const texts = this.texts("ledger")
      this.settled.push(() => {
        const now = this.texts("ledger")
        for (const { name } of before) {
          assert.strictEqual(now.includes(`${name}.0`), texts.includes(`${name}.0`), `${name} after a claim`)
        }
      })
    })

  readonly commit = (process: number) =>
    Effect.gen({ self: this }, function*() {
      const writer = this.writers[process]
      if (writer === undefined) return
      const commit: Commit = { name: `${this.commits.length}`, outcome: "running", writer }
      this.commits.push(commit)
      const exit = yield* Effect.exit(writer.commit(entriesOf(commit.name)))
      const error = Exit.isFailure(exit) ? yield* Effect.flip(exit) : undefined
      commit.outcome = error === undefined ? "stored" : error._tag === "Fenced" ? "fenced" : "unknown"
    })

  readonly settled: Array<() => void> = []

  texts(topic: Topic): ReadonlyArray<string> {
    return this.cluster.laneOf(topic).texts
  }

  verify(): void {
    const [ledger, positions] = topics.map((topic) => this.texts(topic))
    assert.deepStrictEqual(ledger, positions, "all topics hold the same commits")
    const texts = ledger ?? []
    assert.strictEqual(new Set(texts).size, texts.length, "something is there twice")
    for (const check of this.settled) check()
    for (const { name, outcome } of this.commits) {
      const places = [0, 1].map((index) => texts.indexOf(`${name}.${index}`))
      const [first = -1] = places
      assert.deepStrictEqual(places, first < 0 ? [-1, -1] : [first, first + 1], `${name} is whole`)
      if (outcome === "stored") assert.isAtLeast(first, 0, `${name} was acknowledged`)
      if (outcome === "fenced") assert.isBelow(first, 0, `${name} was refused`)
    }
    this.verifyOrder(texts)
  }

  /** Each writer's commits are there in the order in which they were begun. */
  private verifyOrder(texts: ReadonlyArray<string>): void {
    for (const writers of Map.groupBy(this.commits, ({ writer }) => writer).values()) {
      const places = writers.map(({ name }) => texts.indexOf(`${name}.0`)).filter((place) => place >= 0)
      assert.deepStrictEqual(places, places.toSorted((left, right) => left - right))
    }
  }
}

const run = (history: History, steps: ReadonlyArray<Step>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    const claimers = [yield* makeClaimer(reach), yield* makeClaimer(reach)]
    const last = yield* makeClaimer(reach)
    const fibers: Array<Fiber.Fiber<void, unknown>> = []
    for (const { kind, millis, process } of [{ kind: "claim", millis: -1, process: 0 }, ...steps]) {
      const claimer = claimers[process] ?? last
      const effect = kind === "claim" ? history.claim(claimer, process) : history.commit(process)
      const fiber = yield* Effect.forkScoped(effect, { startImmediately: true })
      fibers.push(fiber)
      yield* millis < 0 ? Fiber.await(fiber) : Effect.sleep(millis)
    }
    yield* Effect.forEach(fibers, (fiber) => Fiber.await(fiber))
    history.cluster.fates = []
    yield* Effect.orDie(last.claim(0))
  }).pipe(Effect.provide(history.cluster.layer))

describe("whatever befalls the calls", () => {
  it("commits are all or nothing, in order, never of a zombie, and what is told of them is true", {
    timeout: 60_000
  }, () =>
    fc.assert(
      fc.asyncProperty(
        fates,
        fc.array(step, { minLength: 1, maxLength: 14 }),
        fc.integer({ min: 0, max: 6 }),
        async (fates, steps, markerCalls) => {
          const cluster = new ModelCluster()
          cluster.fates = fates
          cluster.coordinator.markerCalls = markerCalls
          const history = new History(cluster)
          const whole = inTime(Effect.scoped(run(history, steps)))
          await Effect.runPromise(whole.pipe(Effect.provide(TestClock.layer())))
          assert.isFalse(topics.some((topic) => cluster.laneOf(topic).isOpen), "a transaction hangs")
          cluster.settle()
          assert.isFalse(topics.some((topic) => cluster.laneOf(topic).isOpen), "a late batch opened a transaction")
          history.verify()
        }
      ),
      { numRuns: 150 }
    ))
})

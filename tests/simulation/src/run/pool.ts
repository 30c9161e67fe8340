/** Runs many seeds on all cores: a few threads, each with one seed in hand. A thread that breaks ends the run. */
import { Effect, Schema } from "effect"
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { plantedBugs } from "../planted/bugs.ts"
import type { Bug } from "../planted/wrapping.ts"
import type { Outcome } from "./simulate.ts"
import type { BugName, Job } from "./worker.ts"

export interface Seeds {
  readonly from: number
  readonly count: number
}

/** A seed that could not be run to its end. */
export class ThreadBroke extends Schema.TaggedError<ThreadBroke>()("ThreadBroke", {
  seed: Schema.Int,
  reason: Schema.String
}) {
  override get message(): string {
    return `seed ${this.seed}: ${this.reason}`
  }
}

/** A thread needs little; left alone, it takes much more before it collects. */
const resourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 }

/** At most this many threads, whatever the machine. */
const threadsMax = 8

const open = Effect.acquireRelease(
  Effect.sync(() =>
    new Worker(new URL("./worker.ts", import.meta.url), { execArgv: ["--conditions=tailrace-src"], resourceLimits })
  ),
  (worker) => Effect.promise(() => worker.terminate())
)

const run = (worker: Worker, job: Job): Effect.Effect<Outcome, ThreadBroke> =>
  Effect.callback((resume) => {
    const end = (answer: Effect.Effect<Outcome, ThreadBroke>) => {
      worker.off("message", answered)
      worker.off("error", broke)
      resume(answer)
    }
    const answered = (outcome: Outcome) => end(Effect.succeed(outcome))
    const broke = (error: Error) =>
      end(Effect.fail(new ThreadBroke({ seed: job.seed, reason: error.stack ?? error.message })))
    worker.on("message", answered)
    worker.on("error", broke)
    worker.postMessage(job)
  })

const threadsFor = (jobs: number): number => Math.min(threadsMax, availableParallelism(), jobs)

/** One outcome for each seed that was run, in order of the seeds. */
export const runSeeds = Effect.fn("runSeeds")(function*({ count, from }: Seeds) {
  const outcomes: Array<Outcome> = []
  const end = from + count
  let next = from
  const thread = Effect.gen(function*() {
    const worker = yield* open
    while (next < end) outcomes.push(yield* run(worker, { seed: next++, bug: null }))
  })
  const threads = threadsFor(count)
  yield* Effect.replicateEffect(Effect.scoped(thread), threads, { concurrency: threads, discard: true })
  return outcomes.sort((a, b) => a.seed - b.seed)
})

const showsIn = (bug: BugName, { violations }: Outcome): boolean => {
  const { shows }: Bug = plantedBugs[bug]
  return violations.some(({ invariant }) => shows === undefined || invariant === shows)
}

/** The first seed in which each bug shows; without an outcome: it shows in none of `count`. */
export const findBugs = Effect.fn("findBugs")(function*(bugs: ReadonlyArray<BugName>, count: number) {
  const found = new Map<BugName, Outcome | undefined>(bugs.map((bug) => [bug, undefined]))
  const left = [...bugs]
  const thread = Effect.gen(function*() {
    const worker = yield* open
    for (let bug = left.shift(); bug !== undefined; bug = left.shift()) {
      for (let seed = 1; seed <= count && found.get(bug) === undefined; seed++) {
        const outcome = yield* run(worker, { seed, bug })
        if (showsIn(bug, outcome)) found.set(bug, outcome)
      }
    }
  })
  const threads = threadsFor(bugs.length)
  yield* Effect.replicateEffect(Effect.scoped(thread), threads, { concurrency: threads, discard: true })
  return found
})

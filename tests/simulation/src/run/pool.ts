/** Runs many seeds on all cores: a few threads, each with one seed in hand. A thread that breaks ends the run. */
import { Effect, Schema } from "effect"
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import type { Outcome } from "./simulate.ts"
import type { BugName, Job } from "./worker.ts"

export interface Seeds {
  readonly from: number
  readonly count: number
  readonly bug?: BugName
  /** Whether to go on, asked after each seed. */
  readonly goOn?: (outcome: Outcome) => boolean
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

/** One outcome for each seed that was run, in order of the seeds. */
export const runSeeds = Effect.fn("runSeeds")(function*({ bug, count, from, goOn }: Seeds) {
  const outcomes: Array<Outcome> = []
  const end = from + count
  let next = from
  let stopped = false

  const thread = Effect.gen(function*() {
    const worker = yield* open
    while (!stopped && next < end) {
      const outcome = yield* run(worker, { seed: next++, bug: bug ?? null })
      outcomes.push(outcome)
      if (goOn?.(outcome) === false) stopped = true
    }
  })

  const threads = Math.min(threadsMax, availableParallelism(), count)
  yield* Effect.replicateEffect(Effect.scoped(thread), threads, { concurrency: threads, discard: true })
  return outcomes.sort((a, b) => a.seed - b.seed)
})

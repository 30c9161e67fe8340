/**
 * The one writer of a lane, from its claim to its first error: commits one after the other, each in a fiber of its own,
 * so that nobody who stops waiting for a commit stops the commit.
 */
import {
  Fenced,
  type LaneEntry,
  type LaneWriter,
  type LogError,
  LogUnavailable,
  type Offset,
  tooLarge,
  type Topic
} from "@tailrace/log"
import { Cause, Clock, Deferred, Effect, Exit, Option, type Scope, Semaphore } from "effect"
import { commitBatches } from "./CommitBatches.ts"
import { makeJournal, within } from "./Persist.ts"
import { abort, isAbortable, makeProgress, type Run, runTransaction, type Transactor } from "./Transaction.ts"

/** Of a whole commit: half of the time after which the coordinator aborts, so that an outcome is not told too late. */
const commitMillis = 10_000
const abortMillis = 5000
/** How long the end of a claim waits for the commit under way; it goes on without being waited for. */
const farewellMillis = 1000

const haunted = new LogUnavailable({
  reason: "nothing was written: a question of the commit before is unanswered, so the lane must be claimed anew"
})

type Ends = ReadonlyMap<Topic, Offset>
type Commit = Effect.Effect<Ends, Fenced | LogError>

export interface ClaimedLane {
  readonly writer: LaneWriter
  /** From now on every commit is `Fenced`. */
  readonly end: Effect.Effect<void>
}

/** Commits run in `scope`, which outlives the claim. */
export const makeLaneWriter = (transactor: Transactor, scope: Scope.Scope): ClaimedLane => {
  const { lane, producer } = transactor
  const fenced = new Fenced({ lane })
  const turn = Semaphore.makeUnsafe(1)
  const sequences = new Map<Topic, number>()
  let refusal: Fenced | LogUnavailable | undefined

  const aborted = (): Effect.Effect<unknown> => {
    const journal = makeJournal()
    return Effect.forkIn(Effect.ignore(within(abort(transactor, journal), abortMillis, journal)), scope)
  }

  const failed = (run: Run, cause: Cause.Cause<Fenced | LogError>): Effect.Effect<unknown> =>
    Effect.suspend(() => {
      refusal = fenced
      const isFenced = Option.exists(Cause.findErrorOption(cause), (error) => error._tag === "Fenced")
      return isAbortable(run.progress) && !isFenced ? aborted() : Effect.void
    })

  /** The next transaction must not have this epoch: what comes late could end it half done. */
  const succeeded = ({ progress }: Run): Effect.Effect<void> =>
    Effect.sync(() => {
      if (progress.isHaunted) refusal ??= haunted
    })

  const refuse = (error: Fenced | LogError): Commit => {
    refusal = fenced
    return Effect.fail(error)
  }

  const transact = (entries: ReadonlyArray<LaneEntry>): Commit =>
    Effect.flatMap(Clock.currentTimeMillis, (timestamp) => {
      const run: Run = { progress: makeProgress(), journal: makeJournal() }
      const topics = commitBatches(entries, sequences, { producer, timestamp })
      const whole = within(runTransaction(transactor, topics, run), commitMillis, run.journal)
      return Effect.onExit(whole, (exit) => Exit.isSuccess(exit) ? succeeded(run) : failed(run, exit.cause))
    })

  const checked = (entries: ReadonlyArray<LaneEntry>): Commit =>
    Effect.suspend(() => {
      if (refusal !== undefined) return refuse(refusal)
      const error = tooLarge(entries)
      if (error !== undefined) return refuse(error)
      return entries.length === 0 ? Effect.succeed(new Map()) : transact(entries)
    })

  const commit = (entries: ReadonlyArray<LaneEntry>): Commit =>
    Effect.uninterruptibleMask((restore) => {
      if (scope.state._tag === "Closed") return Effect.fail(fenced)
      const result = Deferred.makeUnsafe<Ends, Fenced | LogError>()
      const done = Deferred.into(turn.withPermit(checked(entries)), result)
      // At once, so that the entries are encoded before the caller can do anything else with them.
      return Effect.flatMap(
        Effect.forkIn(done, scope, { startImmediately: true }),
        () => restore(Deferred.await(result))
      )
    })

  const end = Effect.suspend(() => {
    refusal = fenced
    return Effect.timeoutOption(turn.withPermit(Effect.void), farewellMillis)
  }).pipe(Effect.asVoid)

  return { writer: { lane, commit }, end }
}

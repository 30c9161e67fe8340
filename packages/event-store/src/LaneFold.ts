/**
 * Folds every lane of one topic, for ever: reading again after errors that pass, stopping at those that do not. It
 * knows how far it is and lets others wait for a position; what a record means is the caller's `apply`.
 */
import { type Chunk, type Lane, Log, type LogError, type LogRecord, LogUnavailable, type Offset } from "@tailrace/log"
import { recordAt, type Topic } from "@tailrace/log"
import { Deferred, Effect, Result, Schedule, Stream } from "effect"

/** A fold's own error; it stops the fold, since trying again cannot help. */
export interface FoldError {
  readonly isRetryable: boolean
  readonly message: string
}

export interface LaneFoldOptions<E extends FoldError> {
  readonly topic: Topic
  /** Where to begin. */
  start(lane: Lane): Effect.Effect<Offset, LogError>
  /** Takes one record, synchronously; its value is a copy. */
  apply(lane: Lane, record: LogRecord): Result.Result<void, E>
}

export interface LaneFold<E> {
  /** Offset of the first record of the lane that is not folded yet. */
  folded(lane: Lane): Offset
  /** Waits until all records before the offset are folded; fails once the fold has stopped, or after ten seconds. */
  reach(lane: Lane, offset: Offset): Effect.Effect<void, LogError>
  /** Waits until the lane's end as it is when called. */
  reachEnd(lane: Lane): Effect.Effect<void, LogError>
  /** `reachEnd` of all lanes. */
  readonly caughtUp: Effect.Effect<void, LogError>
  /** `caughtUp` without the time limit, for a start with a long log. */
  readonly firstPass: Effect.Effect<void, E | LogError>
  /** Fails when the fold has stopped, with the reason; never succeeds. */
  readonly failed: Effect.Effect<never, E | LogError>
}

const retryEvery = Schedule.spaced("500 millis")
const patience = "10 seconds"

interface Waiter {
  readonly offset: Offset
  readonly done: Deferred.Deferred<void, LogError>
}

interface LaneState {
  position: Offset
  readonly waiters: Set<Waiter>
}

const stoppedBecause = (topic: Topic, fault: FoldError) =>
  new LogUnavailable({ reason: `reading ${topic} has stopped: ${fault.message}` })

/** The positions of all lanes and who waits for them. Everything in here is synchronous. */
const makePositions = (topic: Topic, starts: ReadonlyArray<Offset>) => {
  const lanes: ReadonlyArray<LaneState> = starts.map((position) => ({ position, waiters: new Set() }))
  let fault: LogUnavailable | undefined
  const at = (lane: Lane): LaneState => {
    const found = lanes[lane]
    if (found === undefined) throw new RangeError(`${topic} has ${lanes.length} lanes, not lane ${lane}`)
    return found
  }
  return {
    of: (lane: Lane) => at(lane).position,
    hasStopped: () => fault !== undefined,
    advance: (lane: Lane, to: Offset) => {
      const state = at(lane)
      state.position = to
      for (const waiter of state.waiters) {
        if (waiter.offset <= to) Deferred.doneUnsafe(waiter.done, Effect.void)
      }
    },
    stop: (reason: FoldError) => {
      fault = stoppedBecause(topic, reason)
      for (const { waiters } of lanes) {
        for (const waiter of waiters) Deferred.doneUnsafe(waiter.done, Effect.fail(fault))
      }
    },
    wait: (lane: Lane, offset: Offset): Effect.Effect<void, LogError> =>
      Effect.suspend(() => {
        if (fault !== undefined) return Effect.fail(fault)
        const state = at(lane)
        if (state.position >= offset) return Effect.void
        const waiter: Waiter = { offset, done: Deferred.makeUnsafe() }
        state.waiters.add(waiter)
        return Effect.ensuring(Deferred.await(waiter.done), Effect.sync(() => state.waiters.delete(waiter)))
      })
  }
}

type Positions = ReturnType<typeof makePositions>

/** One chunk in one synchronous step, so that no reader ever sees half of it applied and no retry applies it twice. */
const applyChunk = <E extends FoldError>(options: LaneFoldOptions<E>, positions: Positions, chunk: Chunk) =>
  Effect.suspend(() => {
    for (let index = 0; index < chunk.count; index++) {
      const applied = options.apply(chunk.lane, recordAt(chunk, index))
      if (Result.isFailure(applied)) return Effect.fail(applied.failure)
    }
    positions.advance(chunk.lane, chunk.next)
    return Effect.void
  })

/** Says once why the topic is read again and again: whoever waits for a start must see what it waits for. */
const makeTelling = (topic: Topic) => {
  let told = ""
  return {
    about: ({ isRetryable, message }: FoldError): Effect.Effect<void> => {
      if (!isRetryable || message === told) return Effect.void
      told = message
      return Effect.logWarning(`reading ${topic} again: ${message}`)
    },
    forget: (): void => {
      told = ""
    }
  }
}

const followLane = <E extends FoldError>(log: Log["Service"], options: LaneFoldOptions<E>, positions: Positions) => {
  const telling = makeTelling(options.topic)
  const take = (chunk: Chunk): Effect.Effect<void, E | LogError> => {
    telling.forget()
    return applyChunk(options, positions, chunk)
  }
  return (lane: Lane): Effect.Effect<void, E | LogError> =>
    Effect.suspend(() => log.follow(options.topic, lane, positions.of(lane)).pipe(Stream.runForEach(take))).pipe(
      Effect.tapError(telling.about),
      Effect.retry({ while: (error) => error.isRetryable, schedule: retryEvery })
    )
}

/** Starts the fold in the present scope; it needs the log only while it is being made. */
export const makeLaneFold = Effect.fnUntraced(function*<E extends FoldError>(options: LaneFoldOptions<E>) {
  const log = yield* Log
  const lanes = Array.from({ length: log.lanes }, (_, lane) => lane)
  const positions = makePositions(options.topic, yield* Effect.forEach(lanes, (lane) => options.start(lane)))
  const failure = Deferred.makeUnsafe<never, E | LogError>()

  yield* Effect.forEach(lanes, followLane(log, options, positions), { concurrency: "unbounded", discard: true }).pipe(
    Effect.catch((error: E | LogError) =>
      Effect.sync(() => {
        positions.stop(error)
        Deferred.doneUnsafe(failure, Effect.fail(error))
      })
    ),
    Effect.forkScoped
  )

  const reach = (lane: Lane, offset: Offset) =>
    positions.wait(lane, offset).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () =>
          Effect.fail(
            new LogUnavailable({ reason: `${options.topic}/${lane} was not read up to ${offset} within ${patience}` })
          )
      })
    )
  const end = (lane: Lane) => Effect.map(log.bounds(options.topic, lane), ({ next }) => next)
  const reachEnd = (lane: Lane) => Effect.flatMap(end(lane), (next) => reach(lane, next))
  const failed = Deferred.await(failure)
  const passAll = Effect.forEach(lanes, (lane) => Effect.flatMap(end(lane), (next) => positions.wait(lane, next)))

  const fold: LaneFold<E> = {
    folded: positions.of,
    reach,
    reachEnd,
    caughtUp: Effect.forEach(lanes, reachEnd, { discard: true }),
    firstPass: Effect.asVoid(passAll).pipe(
      Effect.catch((error): Effect.Effect<never, E | LogError> => positions.hasStopped() ? failed : Effect.fail(error))
    ),
    failed
  }
  return fold
})

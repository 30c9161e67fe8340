/**
 * The embedded log: one SQLite file in a worker thread, one process at a time. For everyone whose logs fit one
 * machine; it does not replicate. Appends and commits are synced to the disk before they return.
 */
import {
  defaultRetentionMillis,
  type Entry,
  Fenced,
  type Lane,
  type LaneEntry,
  type LaneWriter,
  Log,
  type LogError,
  type Offset,
  type Ownership,
  tooLarge,
  type Topic,
  topics
} from "@tailrace/log"
import { Clock, Context, Effect, Layer, type Scope, Stream } from "effect"
import { type CommitQueue, makeCommitQueue } from "./CommitQueue.ts"
import { failureOf } from "./Failure.ts"
import { followLane } from "./Follow.ts"
import { type LaneBoard, makeLaneBoard } from "./LaneBoard.ts"
import { asked, type LogThread, startThread } from "./LogThread.ts"
import type { DataInUse, DataUnusable, LogEnded } from "./OpenError.ts"
import type { Answer, Cutoffs, Question } from "./WorkerMessage.ts"

export interface LogSqliteOptions {
  /** Where the files lie; made if absent. */
  readonly directory: string
  /** Fixed when the file is made. */
  readonly lanes: number
  /** In milliseconds; what is not named keeps its default. */
  readonly retentionMillis?: Partial<Readonly<Record<Topic, number>>>
  /** Bytes of entries that may wait for their commit before appends wait themselves. Default 16 MiB. */
  readonly maxWaitingBytes?: number
  /** Bound of the log file in bytes, beyond which appends fail with `LogFull`. Default: the disk. */
  readonly maxFileBytes?: number
}

/** The embedded log with what its tests do to it. */
export interface SqliteLog {
  readonly log: Log["Service"]
  /** Retention, compaction and vacuum, now instead of every minute. */
  readonly maintain: Effect.Effect<void, LogError>
  /** The worker's bare door, and its sudden end. */
  readonly thread: LogThread
  readonly board: LaneBoard
}

const defaultWaitingBytes = 16 * 1_048_576
const maintenanceInterval = "1 minute"

interface Inner {
  readonly thread: LogThread
  readonly board: LaneBoard
  readonly queue: CommitQueue
  readonly options: LogSqliteOptions
  readonly retentionMillis: Readonly<Record<Topic, number>>
  /** Number of the last claim of each lane. */
  readonly claims: Map<Lane, number>
}

const expecting = <K extends Answer["kind"]>(
  thread: LogThread,
  question: Question,
  kind: K
): Effect.Effect<Extract<Answer, { kind: K }>, LogError> => {
  const isExpected = (answer: Answer): answer is Extract<Answer, { kind: K }> => answer.kind === kind
  return Effect.filterOrFail(asked(thread, question), isExpected, failureOf)
}

const append = ({ board, queue }: Inner) =>
  Effect.fnUntraced(function*(topic: Topic, lane: Lane, entries: ReadonlyArray<Entry>) {
    const error = tooLarge(entries)
    if (error !== undefined) return yield* error
    const { next } = board.at(topic, lane)
    if (entries.length === 0) return { baseOffset: next }
    const bases = yield* queue.submit({ lane, entries: new Map([[topic, entries]]) })
    return { baseOffset: bases.get(topic) ?? next }
  })

interface Claimed {
  readonly writer: LaneWriter
  readonly end: () => void
}

const makeWriter = ({ claims, queue }: Inner, lane: Lane): Claimed => {
  const number = (claims.get(lane) ?? 0) + 1
  claims.set(lane, number)
  let ended = false
  const end = () => {
    ended = true
  }
  const refusal = () => ended || claims.get(lane) !== number ? new Fenced({ lane }) : undefined
  const commit = Effect.fnUntraced(function*(entries: ReadonlyArray<LaneEntry>) {
    const refused = refusal() ?? tooLarge(entries)
    if (refused !== undefined) {
      end()
      return yield* refused
    }
    if (entries.length === 0) return new Map<Topic, Offset>()
    const byTopic = Map.groupBy(entries, ({ topic }) => topic)
    const bases = yield* queue.submit({ lane, entries: byTopic, refusal, onFailure: end })
    return new Map([...byTopic].map(([topic, list]) => [topic, (bases.get(topic) ?? 0) + list.length]))
  })
  return { writer: { lane, commit }, end }
}

/** The number is taken first: what the writer before hands in from now on is refused, what it had is waited for. */
const claim = (inner: Inner, lane: Lane): Effect.Effect<LaneWriter, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      inner.board.at("ledger", lane)
      return makeWriter(inner, lane)
    }),
    ({ end }) => Effect.sync(end)
  ).pipe(Effect.flatMap(({ writer }) => Effect.as(inner.queue.settled, writer)))

const allLanes = (lanes: number): Stream.Stream<Ownership> =>
  Stream.concat(Stream.make({ gained: Array.from({ length: lanes }, (_, lane) => lane), lost: [] }), Stream.never)

const logOf = (inner: Inner): Log["Service"] => {
  const { board, options, thread } = inner
  return Log.of({
    lanes: options.lanes,
    retentionMillis: inner.retentionMillis,
    append: append(inner),
    follow: (topic, lane, from) =>
      Stream.suspend(() => followLane({ thread, state: board.at(topic, lane), topic, lane, from })),
    bounds: (topic, lane) =>
      Effect.sync(() => {
        const { earliest, next } = board.at(topic, lane)
        return { earliest, stable: next, next }
      }),
    offsetAt: (topic, lane, time) =>
      Effect.map(expecting(thread, { kind: "offsetAt", topic, lane, time }, "offset"), ({ offset }) => offset),
    // One file holds all topics: none of them can lose its end, or be made anew, alone.
    recognizes: () => Effect.succeed("same"),
    owned: () => allLanes(options.lanes),
    claim: (lane) => claim(inner, lane)
  })
}

const cutoffsAt = (retentionMillis: Readonly<Record<Topic, number>>, now: number): Cutoffs =>
  Object.fromEntries(
    topics.filter((topic) => Number.isFinite(retentionMillis[topic])).map((topic) => [
      topic,
      now - retentionMillis[topic]
    ])
  )

const maintain = Effect.fnUntraced(function*({ board, retentionMillis, thread }: Inner) {
  const cutoffs = cutoffsAt(retentionMillis, yield* Clock.currentTimeMillis)
  let more = true
  while (more) {
    const answer = yield* expecting(thread, { kind: "maintain", cutoffs }, "maintained")
    for (const { earliest, lane, topic } of answer.bounds) board.update(topic, lane, { earliest })
    more = answer.more
  }
})

/** The log and its handle, until the scope closes. */
export const open = Effect.fnUntraced(function*(options: LogSqliteOptions) {
  const { directory, lanes, maxFileBytes } = options
  const thread = yield* startThread({ directory, lanes, maxFileBytes, topics })
  const board = makeLaneBoard(thread.bounds)
  const queue = makeCommitQueue({ thread, board, maxWaitingBytes: options.maxWaitingBytes ?? defaultWaitingBytes })
  const retentionMillis = { ...defaultRetentionMillis, ...options.retentionMillis }
  const inner = { thread, board, queue, options, retentionMillis, claims: new Map<Lane, number>() }
  const opened: SqliteLog = { log: logOf(inner), maintain: maintain(inner), thread, board }
  yield* Effect.addFinalizer(() => queue.settled)
  yield* Effect.sleep(maintenanceInterval).pipe(
    Effect.andThen(opened.maintain),
    Effect.catch((error) => Effect.logWarning(`keeping the log tidy failed: ${error.message}`)),
    Effect.forever,
    Effect.forkScoped
  )
  return opened
})

/** What only the embedded log can say of itself. */
export class EmbeddedLog extends Context.Service<EmbeddedLog, {
  /** Fails when the log can serve no longer: end the process, so that its supervisor starts it again. */
  readonly ended: Effect.Effect<never, LogEnded>
}>()("@tailrace/log-sqlite/EmbeddedLog") {}

/**
 * The embedded log.
 *
 * @example
 * ```ts
 * const program = serve.pipe(Effect.provide(LogSqlite.layer({ directory: "./data/log", lanes: 2 })))
 * ```
 */
export const layer = (options: LogSqliteOptions): Layer.Layer<Log | EmbeddedLog, DataInUse | DataUnusable> =>
  Layer.effectContext(
    Effect.map(
      open(options),
      ({ log, thread }) => Context.make(Log, log).pipe(Context.add(EmbeddedLog, { ended: thread.ended }))
    )
  )

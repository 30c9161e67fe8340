/**
 * One commit of a lane's writer as a transaction of the broker: its lanes are named, its batches are written, it is
 * ended. Knows what may be asked again and what an error leaves open; not who may write the lane.
 */
import { Fenced, type Lane, type LogError, LogUnavailable, type Offset, type Topic } from "@tailrace/log"
import { Effect } from "effect"
import { topicName } from "../KafkaOptions.ts"
import type { Reach } from "../topics/Command.ts"
import type { Api } from "../wire/Api.ts"
import type { Cluster, Coordinated } from "../wire/Cluster.ts"
import { ErrorCode, errorName, isStaleCoordinator } from "../wire/ErrorCode.ts"
import { addPartitionsToTxn } from "../wire/requests/AddPartitionsToTxn.ts"
import { endTxn } from "../wire/requests/EndTxn.ts"
import type { Unreachable } from "../wire/Unreachable.ts"
import type { CommitBatch, TopicBatches } from "./CommitBatches.ts"
import { isFencing, isPassing, judged, ProducerLost, refused } from "./Judgement.ts"
import type { Outbox } from "./Outbox.ts"
import { type Journal, NotYet, notYet, persist } from "./Persist.ts"
import type { Producer } from "./Stamp.ts"

/** Who commits, to what, and by which ways. */
export interface Transactor {
  readonly cluster: Cluster["Service"]
  readonly reach: Reach
  readonly outbox: Outbox
  readonly lane: Lane
  readonly transactionalId: string
  readonly producer: Producer
}

/** How far a transaction came: what an error leaves behind in the cluster. */
export interface Progress {
  /** A transaction may be open. */
  isBegun: boolean
  /** Batches that may be on their way still: sent, and not answered. */
  readonly unanswered: Set<CommitBatch>
  /** Its end was asked for: it may be committed. */
  isEnding: boolean
  /** The coordinator left a question unanswered. It may come to it late: in the middle of the next transaction. */
  isHaunted: boolean
}

export const makeProgress = (): Progress => ({
  isBegun: false,
  unanswered: new Set(),
  isEnding: false,
  isHaunted: false
})

/** The coordinator writes the markers of the transaction before: a matter of milliseconds. */
const briefMillis = 20

/** Asks the coordinator; one that does not answer is looked for anew. */
export const askCoordinator = <Question, Answer>(
  { cluster, transactionalId }: Pick<Transactor, "cluster" | "transactionalId">,
  api: Api<Question, Answer>,
  question: Question
): Effect.Effect<Answer, Unreachable> => {
  const of: Coordinated = { kind: "transaction", id: transactionalId }
  return Effect.flatMap(
    cluster.coordinator(of, "commit"),
    (link) => Effect.tapError(link.call(api, question), () => cluster.forgetCoordinator(of))
  )
}

type Asking<Question, Answer> = readonly [api: Api<Question, Answer>, question: Question]

/** What the codes of all requests to a coordinator have in common; `undefined`: the code means something else. */
export const impatience = (
  { cluster, transactionalId }: Pick<Transactor, "cluster" | "transactionalId">,
  code: number
): Effect.Effect<NotYet | undefined> => {
  const reason = `the coordinator of ${transactionalId} answers ${errorName(code)}`
  if (code === ErrorCode.CONCURRENT_TRANSACTIONS) {
    return Effect.succeed(new NotYet({ reason, code, mostMillis: briefMillis }))
  }
  if (isStaleCoordinator(code)) {
    return Effect.as(cluster.forgetCoordinator({ kind: "transaction", id: transactionalId }), notYet(reason, code))
  }
  return Effect.succeed(isPassing(code) ? notYet(reason, code) : undefined)
}

const askFor = <Question, Answer>(
  transactor: Transactor,
  progress: Progress,
  [api, question]: Asking<Question, Answer>
) => Effect.tapError(askCoordinator(transactor, api, question), () => Effect.sync(() => progress.isHaunted = true))

const hasFailed = ({ code }: { readonly code: number }): boolean =>
  code !== ErrorCode.NONE && code !== ErrorCode.OPERATION_NOT_ATTEMPTED

const added = (transactor: Transactor, topics: ReadonlyArray<Topic>, progress: Progress) =>
  Effect.gen(function*() {
    const { lane, producer, reach, transactionalId } = transactor
    const names = topics.map((topic) => topicName(reach, topic))
    const question = { transactionalId, ...producer, topics: names, lane }
    const { partitions } = yield* askFor(transactor, progress, [addPartitionsToTxn, question])
    const wrong = partitions.find(hasFailed)
    if (wrong === undefined) return
    if (isFencing(wrong.code)) return yield* new Fenced({ lane })
    const passing = wrong.code === ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
      ? notYet(`topic ${wrong.topic} is not known yet`, wrong.code)
      : yield* impatience(transactor, wrong.code)
    return yield* passing ?? refused(reach, wrong.code, wrong.topic)
  })

/** Sends one batch; it stays among the unanswered ones until an answer comes. */
const sent = (transactor: Transactor, batch: CommitBatch, { unanswered }: Progress) => {
  const { lane, outbox, reach } = transactor
  const { topic } = batch
  const parcel = { at: { topic, lane }, topic: topicName(reach, topic), lane, batch: batch.batch }
  return Effect.gen(function*() {
    unanswered.add(batch)
    const answer = yield* outbox.send(parcel)
    unanswered.delete(batch)
    const verdict = judged(reach, answer)
    if (typeof verdict === "number") return verdict
    if (!(verdict instanceof ProducerLost)) return yield* verdict
    return yield* verdict.isFenced ? new Fenced({ lane }) : new LogUnavailable({ reason: verdict.reason })
  })
}

const written = (transactor: Transactor, { batches, topic }: TopicBatches, run: Run) =>
  Effect.gen(function*() {
    let next: Offset = 0
    for (const batch of batches) {
      next = (yield* persist(sent(transactor, batch, run.progress), run.journal)) + batch.count
    }
    return [topic, next] as const
  })

/** Once it may have been carried out, a fenced producer no longer means that nothing was written. */
const ended = (transactor: Transactor, progress: Progress) =>
  Effect.gen(function*() {
    const { lane, producer, transactionalId } = transactor
    const isFirst = !progress.isEnding
    progress.isEnding = true
    const question = { transactionalId, ...producer, isCommit: true }
    const { code } = yield* askFor(transactor, progress, [endTxn, question])
    if (code === ErrorCode.NONE) return
    if (isFencing(code) && isFirst) return yield* new Fenced({ lane })
    const reason = `the coordinator of ${transactionalId} answers ${errorName(code)} to the commit`
    return yield* (yield* impatience(transactor, code)) ?? new LogUnavailable({ reason })
  })

/** What changes in the course of a commit. */
export interface Run {
  readonly progress: Progress
  readonly journal: Journal
}

/** All batches or none; answers the offset after each topic's last entry. Has no deadline of its own. */
export const runTransaction = (
  transactor: Transactor,
  topics: ReadonlyArray<TopicBatches>,
  run: Run
): Effect.Effect<ReadonlyMap<Topic, Offset>, Fenced | LogError> =>
  Effect.gen(function*() {
    const { journal, progress } = run
    progress.isBegun = true
    yield* persist(added(transactor, topics.map(({ topic }) => topic), progress), journal)
    // All of them come to their end even if one fails: what is left unanswered must not be aborted.
    const writing = topics.map((each) => Effect.exit(written(transactor, each, run)))
    const exits = yield* Effect.all(writing, { concurrency: "unbounded" })
    const ends = yield* Effect.all(exits)
    yield* persist(ended(transactor, progress), journal)
    return new Map(ends)
  })

/** Lets readers pass at once instead of after the transaction's time-out. */
export const abort = (transactor: Transactor, journal: Journal): Effect.Effect<void, LogError> => {
  const { producer, transactionalId } = transactor
  const asked = Effect.gen(function*() {
    const { code } = yield* askCoordinator(transactor, endTxn, { transactionalId, ...producer, isCommit: false })
    const passing = yield* impatience(transactor, code)
    if (passing !== undefined) return yield* passing
  })
  return persist<void, never>(asked, journal)
}

/**
 * May the transaction be aborted under its own epoch? Not while a batch may still be on its way: on brokers before 3.6
 * it would open a transaction that nobody ends. The next claim aborts with a later epoch, which keeps such a batch out.
 */
export const isAbortable = ({ isBegun, isEnding, unanswered }: Progress): boolean =>
  isBegun && !isEnding && unanswered.size === 0

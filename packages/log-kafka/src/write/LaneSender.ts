/**
 * Sends what waits for one lane of one topic, one batch at a time: the next leaves when the one before is answered. A
 * batch of unknown outcome is sent again as it was, with its sequence number, so that the broker drops the double; when
 * that is given up, the lane takes another producer id first. So nothing overtakes, and nothing is doubled by us.
 */
import { type Entry, type LogError, LogUnavailable, type Offset } from "@tailrace/log"
import { Cause, Clock, Effect, Exit, Option, type Scope } from "effect"
import { type BatchOptions, encodeBatch } from "../batch/EncodeBatch.ts"
import type { Reach } from "../topics/Command.ts"
import type { Partition } from "../wire/Cluster.ts"
import { AppendQueue, type Cut, type Sealed, type Submission } from "./AppendQueue.ts"
import { judged, ProducerLost } from "./Judgement.ts"
import { LaneProducer } from "./LaneProducer.ts"
import type { Outbox, Parcel } from "./Outbox.ts"
import { makeJournal, notYet, persist, within } from "./Persist.ts"
import type { Producers } from "./Producers.ts"
import type { Producer } from "./Stamp.ts"

/** How long a batch is sent again and again, from its first send. */
export const patienceMillis = 30_000

export interface LaneSender {
  /** Not to be interrupted: what was handed in must be awaited or withdrawn. */
  submit(cut: Cut): Effect.Effect<Submission, LogUnavailable>
  /** Nobody waits any more: what is not under way yet will not be sent. */
  withdraw(submission: Submission): void
}

export interface LaneSenderOptions {
  readonly at: Partition
  /** The topic as the cluster names it. */
  readonly topic: string
  readonly reach: Reach
  readonly outbox: Outbox
  readonly producers: Producers
  /** The sending ends with it. */
  readonly scope: Scope.Scope
  /** Told of the bytes that wait no longer. */
  readonly release: (bytes: number) => void
}

const stopped = new LogUnavailable({ reason: "this process appends no more: its log was closed" })

const unexpected = (cause: Cause.Cause<LogError>): LogError => {
  if (Cause.hasInterruptsOnly(cause)) return stopped
  const defect = Cause.squash(cause)
  return new LogUnavailable({ reason: defect instanceof Error ? `unexpected: ${defect.message}` : "unexpected" })
}

const errorOf = (cause: Cause.Cause<LogError>): LogError =>
  Option.getOrElse(Cause.findErrorOption(cause), () => unexpected(cause))

/** Uses the memory of its largest batch again: one is under way at a time, and requests copy it. */
const makeEncoder = () => {
  let memory: Buffer | undefined
  return {
    encode: (entries: ReadonlyArray<Entry>, options: Omit<BatchOptions, "memory">): Buffer => {
      const batch = encodeBatch(entries, { ...options, memory })
      if (batch.length > (memory?.length ?? 0)) memory = batch
      return batch
    },
    forget: () => void (memory = undefined)
  }
}

export const makeLaneSender = (options: LaneSenderOptions): LaneSender => {
  const { at, outbox, producers, reach, release, scope, topic } = options
  const queue = new AppendQueue(release)
  let isSending = false
  const encoder = makeEncoder()
  const producer = new LaneProducer(producers)

  const stored = (batch: Buffer, count: number): Effect.Effect<Offset, LogError> => {
    const parcel: Parcel = { at, topic, lane: at.lane, batch }
    const journal = makeJournal()
    const attempt = Effect.gen(function*() {
      const verdict = judged(reach, yield* outbox.send(parcel))
      if (verdict instanceof ProducerLost) {
        yield* producer.move(batch, count)
        return yield* notYet(verdict.reason, verdict.code)
      }
      return typeof verdict === "number" ? verdict : yield* verdict
    })
    return within(persist(attempt, journal), patienceMillis, journal)
  }

  const conclude = (sealed: Sealed, exit: Exit.Exit<Offset, LogError>, now: number): void => {
    if (Exit.isSuccess(exit)) return queue.settle(sealed, exit.value)
    producer.break()
    // A request may still be about to send it.
    encoder.forget()
    const error = errorOf(exit.cause)
    queue.fail(sealed, error)
    // Who has waited for as long behind a batch that was given up need not wait for another one to be.
    queue.failOlder(now - patienceMillis, error)
  }

  const sendAs = (ready: Producer, timestamp: number): Effect.Effect<void> => {
    const sealed = queue.seal()
    const count = sealed.entries.length
    const stamp = producer.next(ready, count)
    const batch = encoder.encode(sealed.entries, { ...stamp, isTransactional: false, timestamp })
    return stored(batch, count).pipe(
      Effect.onExit((exit) => Effect.map(Clock.currentTimeMillis, (now) => conclude(sealed, exit, now))),
      Effect.ignore
    )
  }

  const sendNext = producer.ready.pipe(
    Effect.matchEffect({
      onFailure: (error) => Effect.sync(() => queue.failOlder(Infinity, error)),
      onSuccess: (ready) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => queue.isEmpty ? Effect.void : sendAs(ready, now))
    })
  )

  const drain = Effect.whileLoop({ while: () => !queue.isEmpty, body: () => sendNext, step: () => undefined }).pipe(
    Effect.onExit((exit) =>
      Effect.sync(() => {
        isSending = false
        encoder.forget()
        if (Exit.isFailure(exit)) queue.failOlder(Infinity, errorOf(exit.cause))
      })
    )
  )

  const submit = (cut: Cut): Effect.Effect<Submission, LogUnavailable> =>
    Effect.clockWith((clock) => {
      if (scope.state._tag === "Closed") {
        release(cut.bytes)
        return Effect.fail(stopped)
      }
      const submission = queue.add(cut, clock.currentTimeMillisUnsafe())
      if (isSending) return Effect.succeed(submission)
      isSending = true
      return Effect.as(Effect.forkIn(drain, scope), submission)
    })

  return { submit, withdraw: (submission) => queue.withdraw(submission) }
}

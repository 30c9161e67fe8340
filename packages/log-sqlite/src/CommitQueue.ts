/**
 * Group commit: what arrives while the worker commits is gathered and goes as the next commit, one transaction and one
 * sync for all of it. A waiter may be interrupted; what it has handed in is committed all the same.
 */
import type { Entry, Lane, LogError, Offset, Topic } from "@tailrace/log"
import { Deferred, Effect } from "effect"
import { type BatchBuilder, entryBytes, makeBatchBuilder } from "./BatchBuilder.ts"
import { type BufferPool, makeBufferPool } from "./BufferPool.ts"
import { makeByteGate } from "./ByteGate.ts"
import { failureOf } from "./Failure.ts"
import type { LaneBoard } from "./LaneBoard.ts"
import type { LogThread } from "./LogThread.ts"
import type { Answer, CommitPart, Written } from "./WorkerMessage.ts"

export type EntriesByTopic = ReadonlyMap<Topic, ReadonlyArray<Entry>>

/** Offset of the first entry of each topic. */
export type BaseOffsets = ReadonlyMap<Topic, Offset>

export interface Submission<E> {
  readonly lane: Lane
  readonly entries: EntriesByTopic
  /** Asked when the entries would be handed in: an error keeps them out. */
  readonly refusal?: () => E | undefined
  /** Called when the commit has failed, whether or not somebody still waits for it. */
  readonly onFailure?: () => void
}

export interface CommitQueue {
  /** Durable when it returns. Interrupted, all of it will be in the log or, if it had not yet been let in, nothing. */
  submit<E = never>(submission: Submission<E>): Effect.Effect<BaseOffsets, E | LogError>
  /** Waits until everything handed in before has been committed or has failed. */
  readonly settled: Effect.Effect<void>
}

interface Part {
  readonly topic: Topic
  readonly lane: Lane
  readonly builder: BatchBuilder
}

interface Waiter {
  readonly bytes: number
  readonly settle: (answer: Answer) => void
}

interface Group {
  readonly pool: BufferPool
  readonly parts: Map<string, Part>
  readonly waiters: Array<Waiter>
  readonly done: Deferred.Deferred<void>
  now: number
}

const makeGroup = (pool: BufferPool): Group => ({
  pool,
  parts: new Map(),
  waiters: [],
  done: Deferred.makeUnsafe(),
  now: 0
})

const partOf = (group: Group, topic: Topic, lane: Lane): Part => {
  const place = `${topic}/${lane}`
  const part = group.parts.get(place) ?? { topic, lane, builder: makeBatchBuilder(group.pool) }
  group.parts.set(place, part)
  return part
}

const bytesOf = (entries: EntriesByTopic): number => {
  let bytes = 0
  for (const list of entries.values()) for (const entry of list) bytes += entryBytes(entry)
  return bytes
}

const baseIn = (written: ReadonlyArray<Written>, topic: Topic, lane: Lane): Offset =>
  written.find((part) => part.topic === topic && part.lane === lane)?.base ?? 0

/** Puts the entries into the group; answers where each topic's first one lies within the group's part. */
const addTo = (group: Group, lane: Lane, entries: EntriesByTopic): ReadonlyMap<Topic, number> =>
  new Map([...entries].map(([topic, list]) => [topic, partOf(group, topic, lane).builder.add(list)]))

const partsOf = (group: Group): ReadonlyArray<CommitPart> =>
  [...group.parts.values()].map(({ builder, lane, topic }) => ({ topic, lane, batches: builder.finish() }))

const buffersOf = (parts: ReadonlyArray<CommitPart>): ReadonlyArray<ArrayBuffer> =>
  parts.flatMap(({ batches }) => batches.flatMap(({ bytes, columns }) => [bytes.buffer, columns.buffer]))

export interface CommitQueueOptions {
  readonly thread: LogThread
  readonly board: LaneBoard
  readonly maxWaitingBytes: number
}

export const makeCommitQueue = ({ board, maxWaitingBytes, thread }: CommitQueueOptions): CommitQueue => {
  const gate = makeByteGate(maxWaitingBytes)
  const pool = makeBufferPool()
  let gathering = makeGroup(pool)
  let committing: Group | undefined

  const finish = (group: Group, answer: Answer): void => {
    committing = undefined
    if (answer.kind === "committed") pool.give(answer.spare)
    flush()
    if (answer.kind === "committed") {
      for (const { lane, next, topic } of answer.written) board.update(topic, lane, { next })
    }
    for (const { bytes, settle } of group.waiters) {
      settle(answer)
      gate.release(bytes)
    }
    Deferred.doneUnsafe(group.done, Effect.void)
  }

  const flush = (): void => {
    if (committing !== undefined || gathering.waiters.length === 0) return
    const group = gathering
    committing = group
    gathering = makeGroup(pool)
    const parts = partsOf(group)
    thread.ask({ kind: "commit", now: group.now, parts }, (answer) => finish(group, answer), buffersOf(parts))
  }

  const handIn = <E>({ entries, lane, onFailure }: Submission<E>, bytes: number, now: number) => {
    const group = gathering
    const firsts = addTo(group, lane, entries)
    const result = Deferred.makeUnsafe<BaseOffsets, LogError>()
    const settle = (answer: Answer) => {
      if (answer.kind === "committed") {
        const bases = [...firsts].map(([topic, first]) => [topic, baseIn(answer.written, topic, lane) + first] as const)
        return Deferred.doneUnsafe(result, Effect.succeed(new Map(bases)))
      }
      onFailure?.()
      Deferred.doneUnsafe(result, Effect.fail(failureOf(answer)))
    }
    group.waiters.push({ bytes, settle })
    group.now = Math.max(group.now, now)
    flush()
    return Deferred.await(result)
  }

  const submit = <E>(submission: Submission<E>): Effect.Effect<BaseOffsets, E | LogError> =>
    Effect.uninterruptibleMask((restore) => {
      const bytes = bytesOf(submission.entries)
      const letIn = Effect.clockWith((clock): Effect.Effect<BaseOffsets, E | LogError> => {
        const refusal = submission.refusal?.()
        if (refusal === undefined) return handIn(submission, bytes, clock.currentTimeMillisUnsafe())
        gate.release(bytes)
        return Effect.fail(refusal)
      })
      return Effect.flatMap(restore(gate.admit(bytes)), () => restore(letIn))
    })

  const settled = Effect.suspend(() => {
    if (gathering.waiters.length > 0) return Deferred.await(gathering.done)
    return committing === undefined ? Effect.void : Deferred.await(committing.done)
  })
  return { submit, settled }
}

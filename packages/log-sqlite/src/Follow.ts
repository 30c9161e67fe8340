/**
 * `follow` over the worker: one chunk is asked for ahead while the consumer has one in hand, never more; at the end
 * it waits for a commit. A used chunk's memory is freed at the next pull.
 */
import {
  type Chunk,
  type Lane,
  type LogError,
  type Offset,
  OffsetBeyondEnd,
  RecordsExpired,
  type Topic
} from "@tailrace/log"
import { Deferred, Effect, Stream } from "effect"
import type { Headers } from "./BatchFormat.ts"
import { failureOf } from "./Failure.ts"
import type { BoardLane } from "./LaneBoard.ts"
import type { LogThread } from "./LogThread.ts"
import type { ChunkMessage } from "./WorkerMessage.ts"

export interface FollowOptions {
  readonly thread: LogThread
  readonly state: BoardLane
  readonly topic: Topic
  readonly lane: Lane
  readonly from: Offset
}

type Reading = Deferred.Deferred<ChunkMessage, LogError>

const noHeaders: Headers = {}

/** A message of the worker as the port's chunk. */
const chunkOf = ({ lane, topic }: FollowOptions, from: Offset, message: ChunkMessage): Chunk => {
  const headers = new Map(message.headers)
  return { ...message, topic, lane, from, mark: "", headersAt: (index) => headers.get(index) ?? noHeaders }
}

const outOfRange = ({ lane, state, topic }: FollowOptions, from: Offset): LogError | undefined => {
  const { earliest, next } = state
  if (from < earliest) return new RecordsExpired({ topic, lane, from, earliest })
  if (from > next) return new OffsetBeyondEnd({ topic, lane, from, next })
  return undefined
}

/** Asks for the chunk at `from` at once. */
const startReading = ({ lane, thread, topic }: FollowOptions, from: Offset): Reading => {
  const reading: Reading = Deferred.makeUnsafe()
  thread.ask({ kind: "read", topic, lane, from }, (answer) => {
    if (answer.kind === "chunk") return Deferred.doneUnsafe(reading, Effect.succeed(answer.chunk))
    const error = answer.kind === "expired"
      ? new RecordsExpired({ topic, lane, from, earliest: answer.earliest })
      : failureOf(answer)
    Deferred.doneUnsafe(reading, Effect.fail(error))
  })
  return reading
}

/** Gives the memory back at once, rather than when it is collected; a consumer may have given it away before. */
const free = ({ bytes, offsets }: ChunkMessage): void => {
  for (const { buffer } of [bytes, offsets]) if (!buffer.detached) buffer.transfer(0)
}

export const followLane = (options: FollowOptions): Stream.Stream<Chunk, LogError> =>
  Stream.fromPull(Effect.sync(() => {
    const { state } = options
    let position = options.from
    let ahead: Reading | undefined
    let inHand: ChunkMessage | undefined

    const take = (message: ChunkMessage): readonly [Chunk] => {
      const chunk = chunkOf(options, position, message)
      inHand = message
      position = message.next
      if (position < state.next) ahead = startReading(options, position)
      return [chunk]
    }

    const pull: Effect.Effect<readonly [Chunk], LogError> = Effect.suspend(() => {
      if (inHand !== undefined) free(inHand)
      inHand = undefined
      const error = outOfRange(options, position)
      if (error !== undefined) return Effect.fail(error)
      if (position >= state.next) return Effect.flatMap(Deferred.await(state.changed), () => pull)
      const reading = ahead ?? startReading(options, position)
      ahead = undefined
      return Effect.map(Deferred.await(reading), take)
    })
    return pull
  }))

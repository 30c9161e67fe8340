/** Reads a finite part of a lane: for folds of small topics, not for the hot path. */
import { type Chunk, type Lane, Log, type LogError, type Offset, type Topic } from "@tailrace/log"
import { Effect, Stream } from "effect"

export interface Range {
  readonly topic: Topic
  readonly lane: Lane
  readonly from: Offset
  /** Exclusive. */
  readonly to: Offset
}

/** Hands each chunk of [from, to) to `use`; records at or after `to` may stand in the last chunk. */
export const readRange = (range: Range, use: (chunk: Chunk) => void): Effect.Effect<void, LogError, Log> =>
  Effect.gen(function*() {
    if (range.from >= range.to) return
    const log = yield* Log
    yield* log.follow(range.topic, range.lane, range.from).pipe(
      Stream.tap((chunk) => Effect.sync(() => use(chunk))),
      Stream.takeUntil((chunk) => chunk.next >= range.to),
      Stream.runDrain
    )
  })

/** `follow` over a lane in memory: reads what is there, then waits for the lane to change; no polling, no timers. */
import { Deferred, Effect, Stream } from "effect"
import type { Chunk } from "./Chunk.ts"
import { buildChunk } from "./ChunkBuilder.ts"
import type { Lane, Offset, Topic } from "./Log.ts"
import { type LogError, OffsetBeyondEnd, RecordsExpired } from "./LogError.ts"
import { boundsOf, markOf, type MemoryLane, readFrom } from "./MemoryLane.ts"

/** What a used chunk's bytes are overwritten with at the next pull, so that keeping a slice is noticed. */
const spent = 0xdd

export interface MemoryFollow {
  readonly topic: Topic
  readonly lane: Lane
  readonly from: Offset
  readonly state: MemoryLane
}

/** `cuts`: how many there had been when the follower began; a later one before its place has taken what it read. */
const outOfRange = ({ lane, state, topic }: MemoryFollow, from: Offset, cuts: number): LogError | undefined => {
  const { earliest, next } = boundsOf(state)
  const isCut = state.cuts.slice(cuts).some((cut) => cut < from)
  if (from > next || isCut) return new OffsetBeyondEnd({ topic, lane, from, next })
  if (from < earliest) return new RecordsExpired({ topic, lane, from, earliest })
  return undefined
}

export const followMemory = (follow: MemoryFollow): Stream.Stream<Chunk, LogError> =>
  Stream.fromPull(Effect.sync(() => {
    const { state } = follow
    const cuts = state.cuts.length
    let position = follow.from
    let previous: Chunk | undefined
    const pull: Effect.Effect<readonly [Chunk], LogError> = Effect.suspend(() => {
      previous?.bytes.fill(spent)
      previous = undefined
      const error = outOfRange(follow, position, cuts)
      if (error !== undefined) return Effect.fail(error)
      if (position >= boundsOf(state).stable) return Effect.flatMap(Deferred.await(state.changed), () => pull)
      const { next, records } = readFrom(state, position)
      const mark = markOf(state, records)
      const chunk = buildChunk({ topic: follow.topic, lane: follow.lane, from: position, next, records, mark })
      previous = chunk
      position = next
      return Effect.succeed([chunk] as const)
    })
    return pull
  }))

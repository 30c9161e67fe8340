/**
 * Finds a follower its place, again and again: the lane's leader, once it is sure that the lane still is what the
 * follower has read. Runs beside the follower's stream for as long as that does.
 */
import { type Bounds, type LogError, OffsetBeyondEnd, type Recognition, RecordsExpired } from "@tailrace/log"
import type { Lane, Offset, Topic } from "@tailrace/log"
import { Duration, Effect, Random } from "effect"
import type { Cluster } from "../wire/Cluster.ts"
import type { Fetcher } from "./Fetcher.ts"
import type { Follower } from "./Follower.ts"

/** The fetch loops of one broker. */
export interface BrokerFetchers {
  readonly records: Fetcher
  readonly events: Fetcher
  readonly catchUp: Fetcher
}

export interface PlacementOptions {
  readonly cluster: Cluster["Service"]
  readonly bounds: (topic: Topic, lane: Lane) => Effect.Effect<Bounds, LogError>
  readonly recognizes: (topic: Topic, lane: Lane, mark: string) => Effect.Effect<Recognition, LogError>
  readonly fetchersOf: (broker: number) => Effect.Effect<BrokerFetchers>
}

const firstPauseMillis = 50
const longestPauseMillis = 2_000

const pause = (failures: number): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (part) => {
    const longest = Math.min(longestPauseMillis, firstPauseMillis * 2 ** Math.min(failures, 10))
    return Effect.sleep(Duration.millis(longest * (0.5 + part / 2)))
  })

/** Until it succeeds: whoever owns the lane notices by other means that the cluster is away. */
const untilAnswered = <A, E>(question: Effect.Effect<A, E>): Effect.Effect<A> => {
  const attempt = (failures: number): Effect.Effect<A> =>
    Effect.catch(question, () => Effect.flatMap(pause(failures), () => attempt(failures + 1)))
  return Effect.suspend(() => attempt(0))
}

const topicIdOf = ({ cluster }: PlacementOptions, { topic }: Follower): Effect.Effect<string> =>
  Effect.map(untilAnswered(cluster.topicId(topic)), (id) => id === "" ? "-" : id)

const checkBounds = Effect.fnUntraced(function*(follower: Follower, from: Offset, { earliest, next }: Bounds) {
  const { lane, topic } = follower
  if (from < earliest) return yield* new RecordsExpired({ topic, lane, from, earliest })
  if (from > next) return yield* new OffsetBeyondEnd({ topic, lane, from, next })
})

const begin = Effect.fnUntraced(function*(options: PlacementOptions, follower: Follower) {
  const { lane, topic } = follower
  yield* checkBounds(follower, follower.from, yield* options.bounds(topic, lane))
  follower.topicId = yield* topicIdOf(options, follower)
})

/** The topic is the one that was read, and the last batch read is in it. */
const verify = Effect.fnUntraced(function*(options: PlacementOptions, follower: Follower) {
  const { lane, mark, topic } = follower
  const topicId = yield* topicIdOf(options, follower)
  const found = yield* untilAnswered(options.recognizes(topic, lane, mark))
  if (topicId === follower.topicId && found !== "other") return
  const { next } = yield* untilAnswered(options.bounds(topic, lane))
  return yield* new OffsetBeyondEnd({ topic, lane, from: follower.from, next })
})

/** What there is to do before a follower that has lost its place may have another. */
const recover = Effect.fnUntraced(function*(options: PlacementOptions, follower: Follower) {
  const { displacement, failures, lane, topic } = follower
  yield* pause(failures)
  if (displacement !== "refused") return yield* verify(options, follower)
  yield* checkBounds(follower, follower.from, yield* untilAnswered(options.bounds(topic, lane)))
})

const leaderOf = ({ cluster }: PlacementOptions, { lane, topic }: Follower): Effect.Effect<number> => {
  const partition = { topic, lane }
  return untilAnswered(Effect.tapError(cluster.leader(partition), () => cluster.forgetLeader(partition)))
}

/**
 * Home, unless the lane is followed there already. A newcomer to the topics of events goes where polls are short, so
 * that short reads do not wait for others' long polls; it comes home when it has reached the end.
 */
const assign = ({ catchUp, events, records }: BrokerFetchers, follower: Follower): void => {
  const home = follower.home === "records" ? records : events
  const mustPass = follower.home === "events" && follower.placings === 0 && !home.isIdle
  if (mustPass || home.has(follower)) catchUp.add(follower)
  else home.add(follower)
}

/** Never ends; fails with what ends the follower's stream. */
export const keepPlaced = Effect.fnUntraced(function*(options: PlacementOptions, follower: Follower) {
  const { lane, topic } = follower
  yield* begin(options, follower)
  while (true) {
    assign(yield* options.fetchersOf(yield* leaderOf(options, follower)), follower)
    yield* follower.displaced.await
    if (follower.displacement !== "refused") yield* options.cluster.forgetLeader({ topic, lane })
    yield* recover(options, follower)
  }
})

/**
 * The log on Apache Kafka, for any number of processes: lanes are partitions, a claim is a transactional producer that
 * fences the one before, ownership is a consumer group. For one machine the embedded log needs less.
 */
import { type Lane, Log, LogTroubles, tooLarge, type Topic } from "@tailrace/log"
import { Context, Effect, Layer, Stream } from "effect"
import { type LaneBounds, makeLaneBounds } from "./bounds/LaneBounds.ts"
import { makeRecognizes } from "./bounds/Recognize.ts"
import type { KafkaOptions } from "./KafkaOptions.ts"
import type { KafkaUnusable } from "./KafkaUnusable.ts"
import { makeMemberships, type Memberships } from "./own/Memberships.ts"
import { patiently } from "./Patience.ts"
import { type Follow, makeFollowers } from "./read/Followers.ts"
import { type Prepared, prepareTopics } from "./topics/PrepareTopics.ts"
import { watchCluster } from "./troubles/Troubles.ts"
import { Cluster } from "./wire/Cluster.ts"
import * as ClusterLive from "./wire/ClusterLive.ts"
import { type Appender, makeAppender } from "./write/Appender.ts"
import { type Claimer, makeClaimer } from "./write/Claimer.ts"

interface Parts {
  readonly prepared: Prepared
  readonly laneBounds: LaneBounds
  readonly recognizes: Log["Service"]["recognizes"]
  readonly follow: Follow
  readonly appender: Appender
  readonly memberships: Memberships
  readonly claimer: Claimer
}

const append = ({ appender, laneBounds }: Parts): Log["Service"]["append"] => (topic, lane, entries) => {
  const error = tooLarge(entries)
  if (error !== undefined) return Effect.fail(error)
  if (entries.length > 0) return appender.append(topic, lane, entries)
  return Effect.map(laneBounds.bounds(topic, lane), ({ next }) => ({ baseOffset: next }))
}

/** A lane that there is not is a mistake of the caller: a defect. */
const ranged = (lanes: number) => {
  const check = (lane: Lane): void => {
    if (!Number.isInteger(lane) || lane < 0 || lane >= lanes) {
      throw new RangeError(`there is no lane ${lane}: there are ${lanes}`)
    }
  }
  return <Rest extends ReadonlyArray<unknown>, A, E, R>(
    ask: (topic: Topic, lane: Lane, ...rest: Rest) => Effect.Effect<A, E, R>
  ) =>
  (topic: Topic, lane: Lane, ...rest: Rest): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      check(lane)
      return ask(topic, lane, ...rest)
    })
}

const logOf = (parts: Parts): Log["Service"] => {
  const { claimer, follow, laneBounds, memberships, prepared } = parts
  const { lanes, retentionMillis } = prepared
  const inRange = ranged(lanes)
  const claim = inRange((_: Topic, lane) => claimer.claim(lane))
  const followed = inRange((topic: Topic, lane, from: number) => Effect.sync(() => follow(topic, lane, from)))
  return Log.of({
    lanes,
    retentionMillis,
    append: inRange(append(parts)),
    follow: (topic, lane, from) => Stream.unwrap(followed(topic, lane, from)),
    bounds: inRange(laneBounds.bounds),
    offsetAt: inRange(laneBounds.offsetAt),
    recognizes: inRange(parts.recognizes),
    owned: memberships.owned,
    claim: (lane) => claim("ledger", lane)
  })
}

/** Topics first: how many lanes there are says what everything else is made for. */
const open = Effect.fnUntraced(function*(options: KafkaOptions) {
  const cluster = yield* Cluster
  const prepared = yield* patiently(prepareTopics({ cluster, options }), options)
  const { complaints, found, guarantees, lanes } = prepared
  for (const { cure, problem } of complaints) yield* Effect.logWarning(`${problem}. Mend it: ${cure}`)
  const laneBounds = yield* makeLaneBounds({ cluster, options })
  const recognizes = makeRecognizes({ cluster, options, bounds: laneBounds.bounds })
  const follow = yield* makeFollowers({ options, cluster, bounds: laneBounds.bounds, recognizes })
  const appender = yield* makeAppender(options)
  const memberships = yield* makeMemberships({ prefix: options.prefix, lanes })
  const claimer = yield* makeClaimer(options, memberships.mayClaim)
  const watched = yield* watchCluster({ cluster, options, lanes, found, boundsOnce: laneBounds.boundsOnce })
  const current = Effect.zipWith(watched.current, memberships.troubles, (ours, theirs) => [...ours, ...theirs])
  return Context.make(Log, logOf({ prepared, laneBounds, recognizes, follow, appender, memberships, claimer })).pipe(
    Context.add(LogTroubles, { current, guarantees })
  )
})

/**
 * The log on Kafka, with `LogTroubles` beside it. Waits for a cluster that does not answer, makes the topics that are
 * absent, and fails with one line where the cluster cannot be used.
 *
 * @example
 * ```ts
 * const options = { brokers: ["kafka:9092"], prefix: "tailrace", lanes: undefined, patienceMillis: 60_000 }
 * const program = serve.pipe(Effect.provide(LogKafka.layer(options)))
 * ```
 */
export const layer = (options: KafkaOptions): Layer.Layer<Log, KafkaUnusable> =>
  Layer.effectContext(open(options)).pipe(Layer.provide(ClusterLive.layer(options)))

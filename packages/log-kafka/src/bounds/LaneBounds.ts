/** Where lanes begin and end, and where a time lies in them: asked of the lane's leader each time, never cached. */
import type { Bounds, Lane, LogUnavailable, Offset, Topic } from "@tailrace/log"
import { Effect, Scope } from "effect"
import { topicName } from "../KafkaOptions.ts"
import type { Link, Partition } from "../wire/Cluster.ts"
import { ErrorCode } from "../wire/ErrorCode.ts"
import { listOffsets } from "../wire/requests/ListOffsets.ts"
import type { Unreachable } from "../wire/Unreachable.ts"
import { type BrokerBounds, makeBrokerBounds } from "./BrokerBounds.ts"
import { type Asking, askLeader, checked, insist } from "./Insist.ts"

export interface LaneBounds {
  /** Of a moment after the call, so that everyone sees their own writes; repeated for 30 s while the leader moves. */
  bounds(topic: Topic, lane: Lane): Effect.Effect<Bounds, LogUnavailable>
  /** The same, asked once. */
  boundsOnce(topic: Topic, lane: Lane): Effect.Effect<Bounds, LogUnavailable | Unreachable>
  /** As the port's. */
  offsetAt(topic: Topic, lane: Lane, time: number): Effect.Effect<Offset, LogUnavailable>
}

const askTime = Effect.fnUntraced(function*(asking: Asking, partition: Partition, time: number) {
  const { lane, topic } = partition
  const topics = [{ name: topicName(asking.options, topic), partitions: [{ partition: lane, time }] }]
  const answer = yield* askLeader(
    asking,
    partition,
    (_, link) => link.call(listOffsets, { isReadCommitted: false, topics })
  )
  const found = answer.topics[0]?.partitions[0] ?? { code: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, offset: -1 }
  yield* checked(asking, partition, found.code)
  return found.offset
})

/** The scope is that of the questions under way. */
export const makeLaneBounds = Effect.fnUntraced(function*(asking: Asking) {
  const scope = yield* Effect.scope
  const brokers = new Map<number, BrokerBounds>()

  const brokerBounds = Effect.fnUntraced(function*(broker: number, link: Link) {
    const made = brokers.get(broker) ?? (yield* makeBrokerBounds(asking.options, link).pipe(Scope.provide(scope)))
    brokers.set(broker, made)
    return made
  })

  const boundsOnce = Effect.fnUntraced(function*(topic: Topic, lane: Lane) {
    const partition = { topic, lane }
    const { bounds, code } = yield* askLeader(
      asking,
      partition,
      (broker, link) => Effect.flatMap(brokerBounds(broker, link), (one) => one.ask(partition))
    )
    yield* checked(asking, partition, code)
    return bounds
  })

  const bounds = (topic: Topic, lane: Lane) => insist(boundsOnce(topic, lane))

  /** Negative times have a meaning of their own in the protocol, and what no number holds lies behind the end. */
  const offsetAt = Effect.fnUntraced(function*(topic: Topic, lane: Lane, time: number) {
    const wanted = Math.max(0, Math.ceil(time))
    const offset = Number.isSafeInteger(wanted) ? yield* insist(askTime(asking, { topic, lane }, wanted)) : -1
    return offset < 0 ? (yield* bounds(topic, lane)).next : offset
  })

  const made: LaneBounds = { bounds, boundsOnce, offsetAt }
  return made
})

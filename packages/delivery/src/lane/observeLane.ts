/** What a lane looks like from outside, as gauges: how far it is behind, and how many legs have something to do. */
import { type Lane, Log } from "@tailrace/log"
import { Effect, Metric } from "effect"
import * as Metrics from "../Metrics.ts"
import type { LaneTopic } from "../read/LaneTopic.ts"
import type { LaneLegs } from "./LaneLegs.ts"

/** Often enough for a graph, rarely enough to cost nothing. */
const interval = "10 seconds"

/** The first offset of a topic that some leg has not delivered yet. */
const pendingFrom = (legs: LaneLegs, topic: LaneTopic): number => {
  let from = topic.done
  for (const leg of legs.legs.values()) {
    if (leg.topic === topic && !leg.destination.paused) from = Math.min(from, leg.doneUpTo)
  }
  return from
}

export const observeLane = (
  lane: Lane,
  legs: LaneLegs,
  topics: ReadonlyArray<LaneTopic>
): Effect.Effect<never, never, Log> => {
  const observe = Effect.fnUntraced(function*(topic: LaneTopic) {
    const log = yield* Log
    const { next } = yield* log.bounds(topic.topic, lane)
    const lag = Metric.withAttributes(Metrics.lag, { topic: topic.topic, lane: `${lane}` })
    yield* Metric.update(lag, Math.max(0, next - pendingFrom(legs, topic)))
  })
  const activeLegs = Effect.suspend(() => {
    const active = [...legs.legs.values()].filter(({ running }) => running).length
    return Metric.update(Metric.withAttributes(Metrics.activeLegs, { lane: `${lane}` }), active)
  })
  const filtered = Effect.suspend(() => {
    const { rules } = legs
    const count = rules.filtered
    rules.filtered = 0
    return Metric.update(Metrics.filteredRecords, count)
  })
  return Effect.forEach(topics, observe, { discard: true }).pipe(
    Effect.ignore,
    Effect.andThen(activeLegs),
    Effect.andThen(filtered),
    Effect.andThen(Effect.sleep(interval)),
    Effect.forever
  )
}

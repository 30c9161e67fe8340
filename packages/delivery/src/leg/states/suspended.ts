/**
 * The destination refuses us in a way that does not pass by itself: keeps its place and nothing else, probes on a
 * growing interval, and goes on by itself when the cause is mended. A new configuration is tried at once.
 */
import { Clock, Effect } from "effect"
import { deadline, monotonicMillis } from "../deadline.ts"
import { suspend } from "../Failing.ts"
import type { Leg } from "../Leg.ts"
import type { Next, State } from "./State.ts"

const isOver = (leg: Leg): boolean => leg.draining || leg.destination.deleted || leg.destination.paused

/** Waits for the next probe, or for something to change; answers whether it is time to try again. */
const rest = Effect.fnUntraced(function*(leg: Leg, version: number) {
  const { condition } = leg.state
  if (condition._tag !== "Suspended") return
  const until = yield* deadline(condition.nextProbeAt, leg.services.limits.probe.capMillis)
  while (!isOver(leg)) {
    const left = until - (yield* monotonicMillis)
    if (left <= 0 || leg.version.version !== version) return
    yield* leg.awakeWithin(left)
  }
})

const resume = Effect.fnUntraced(function*(leg: Leg) {
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([{ _tag: "Resumed", destination: leg.id, at }])
})

export const suspended: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  const { version } = leg.version
  yield* leg.finish
  yield* leg.detach(leg.doneUpTo)
  yield* rest(leg, version)
  if (leg.draining) return "draining"
  if (leg.destination.deleted || leg.destination.paused) return "starting"
  const failure = leg.version.version === version ? yield* leg.tryAgain : null
  if (failure !== null) {
    yield* suspend(leg, failure)
    return "suspended"
  }
  yield* resume(leg)
  return "starting"
})

/** First of all states: takes up what the ledger says was going on, and finds the leg's place in the lane. */
import { Clock, Effect } from "effect"
import type { Next, State } from "./State.ts"

export const starting: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  const { condition } = leg.state
  const now = yield* Clock.currentTimeMillis
  if (leg.draining) return "draining"
  if (leg.state.closed) return "resting"
  if (leg.destination.paused && !leg.destination.deleted) return "paused"
  if (condition._tag === "Suspended" && !leg.destination.deleted) return "suspended"
  if (leg.intake.mode === "off") leg.topic.attach(leg)
  if (condition._tag === "BackingOff" && condition.retryAt > now) return "backingOff"
  return leg.workingState
})

/** After a passing failure: waits out the delay in the ledger. Gathering goes on; a new configuration ends it. */
import { Effect } from "effect"
import { deadline, monotonicMillis } from "../deadline.ts"
import type { Leg } from "../Leg.ts"
import type { Next, State } from "./State.ts"

const isOver = (leg: Leg, version: number): boolean =>
  leg.draining || leg.destination.deleted || leg.destination.paused || leg.version.version !== version
  || leg.isTroubled

export const backingOff: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  const { version } = leg.version
  const { condition } = leg.state
  if (condition._tag !== "BackingOff") return leg.workingState
  const until = yield* deadline(condition.retryAt, leg.services.limits.backoff.capMillis)
  while (!isOver(leg, version)) {
    const left = until - (yield* monotonicMillis)
    if (left <= 0) break
    yield* leg.awakeWithin(left)
  }
  return leg.workingState
})

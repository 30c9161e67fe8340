/** After a passing failure: waits out the delay that the ledger holds. Gathering goes on. A new configuration ends it. */
import { Clock, Effect } from "effect"
import { workingState } from "../working.ts"
import type { Leg } from "../Leg.ts"
import type { Next, State } from "./State.ts"

const isOver = (leg: Leg, version: number): boolean =>
  leg.draining || leg.destination.deleted || leg.destination.paused || leg.version.version !== version

export const backingOff: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  const { version } = leg.version
  while (!isOver(leg, version)) {
    const { condition } = leg.state
    const now = yield* Clock.currentTimeMillis
    if (condition._tag !== "BackingOff" || condition.retryAt <= now) break
    yield* Effect.raceFirst(leg.awake, Effect.sleep(condition.retryAt - now))
  }
  return workingState(leg)
})

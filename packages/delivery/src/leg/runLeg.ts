/** The fiber of a leg: one state after the other, until there is nothing to do. */
import { Effect } from "effect"
import type { Leg } from "./Leg.ts"
import { backingOff } from "./states/backingOff.ts"
import { catchingUp } from "./states/catchingUp.ts"
import { closing } from "./states/closing.ts"
import { draining } from "./states/draining.ts"
import { paused } from "./states/paused.ts"
import { starting } from "./states/starting.ts"
import type { Next, State, StateName } from "./states/State.ts"
import { streaming } from "./states/streaming.ts"
import { suspended } from "./states/suspended.ts"

const states: { readonly [S in StateName]: State } = {
  starting,
  streaming,
  catchingUp,
  backingOff,
  suspended,
  paused,
  closing,
  draining
}

export const runLeg = Effect.fnUntraced(function*(leg: Leg) {
  let state: Next = "starting"
  while (state !== "resting") {
    leg.services.observer.visited(state)
    state = yield* states[state](leg)
  }
  yield* leg.rest
})

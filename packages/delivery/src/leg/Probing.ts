/** What probes found out about a destination, as the ledger keeps it: once for each target. */
import type { Capabilities, Target } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import type { Failure } from "./Failing.ts"
import type { Leg } from "./Leg.ts"

/** `failure` and `capabilities` are null if there is none; both are if the answer says nothing of the destination. */
export interface Probed {
  /** What was probed; the destination may have been given another one meanwhile. */
  readonly target: Target
  readonly failure: Failure | null
  readonly capabilities: Capabilities | null
}

/** What a target is known to be able to do; undefined if it was not the one that was probed last. */
export const capabilitiesOf = (leg: Leg, target: Target): Capabilities | undefined => {
  const { probed } = leg.state
  return probed?.target === target ? probed.capabilities : undefined
}

/** Notes what a probe found, for the target that was probed. */
export const noteProbed = Effect.fnUntraced(function*(leg: Leg, target: Target, capabilities: Capabilities) {
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([{ _tag: "Probed", destination: leg.id, target, capabilities, at }])
})

/** The states of a leg, one file each. A state does its part and answers the next one; `resting` ends the fiber. */
import type { Effect } from "effect"
import type { Leg } from "../Leg.ts"

export type StateName =
  | "starting"
  | "streaming"
  | "catchingUp"
  | "backingOff"
  | "suspended"
  | "paused"
  | "closing"
  | "draining"

export type Next = StateName | "resting"

export type State = (leg: Leg) => Effect.Effect<Next>

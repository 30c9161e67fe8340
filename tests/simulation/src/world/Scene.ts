/** The parts of a world that harm is done to, and the kinds of harm. */
import type { Desk } from "./Desk.ts"
import type { Fleet } from "./Fleet.ts"
import type { World } from "./World.ts"

export interface Scene {
  readonly world: World
  readonly fleet: Fleet
  readonly desk: Desk
}

export const acts = [
  "kill",
  "steal",
  "pingPong",
  "keep",
  "stop",
  "freeze",
  "lease",
  "target",
  "orphan",
  "credentials",
  "codec",
  "prefix",
  "replace",
  "delete",
  "pause",
  "test",
  "expire",
  "expireLedger",
  "forbidHead",
  "bucketGone",
  "refuseSecret",
  "outage",
  "silence",
  "clockJump",
  "marker",
  "hold",
  "logFull"
] as const

/** Harm that only receivers can do. */
export const receiverActs = ["refuseAll", "slow", "probeFails"] as const

export type Act = (typeof acts)[number] | (typeof receiverActs)[number]

/**
 * What a leg does next: the order of DESIGN's rules 6 and 9 as one pure function of what can be seen of it. Tables test
 * it; the state files carry the steps out.
 */

export interface LegView {
  readonly draining: boolean
  readonly paused: boolean
  readonly deleted: boolean
  /** There is an open seal. */
  readonly sealed: boolean
  /** Its target is no longer the destination's. */
  readonly retargeted: boolean
  /** Its content is at hand. */
  readonly bodyReady: boolean
  readonly rebuilding: boolean
  /** Retention has overtaken the place where reading would go on. */
  readonly expired: boolean
  /** The spool lost a window. */
  readonly lost: boolean
  /** A newer configuration version than the one adopted. */
  readonly changed: boolean
  /** A window at its end. */
  readonly full: boolean
  /** A window with something in it. */
  readonly gathering: boolean
  readonly live: boolean
  /** The upload period is over. */
  readonly due: boolean
  /** Empty upload periods are written, by this leg. */
  readonly writesEmpty: boolean
}

export type Step =
  | "drain"
  | "pause"
  | "reread"
  | "rebuild"
  | "send"
  | "trySend"
  | "inspect"
  | "close"
  | "adopt"
  | "sealFull"
  | "sealWindow"
  | "sealEmpty"
  | "expire"
  | "rest"
  | "wait"

const withSeal = (leg: LegView): Step => {
  const ends = leg.deleted || leg.retargeted
  if (leg.paused && !leg.deleted) return "pause"
  if (leg.bodyReady) return ends ? "trySend" : "send"
  if (leg.expired) return "inspect"
  return leg.rebuilding ? "wait" : "rebuild"
}

export const nextStep = (leg: LegView): Step => {
  if (leg.draining) return "drain"
  if (leg.lost) return "reread"
  if (leg.sealed) return withSeal(leg)
  if (leg.deleted) return "close"
  if (leg.paused) return "pause"
  if (leg.full) return "sealFull"
  if (leg.gathering && (leg.due || leg.changed || leg.expired)) return "sealWindow"
  if (leg.changed) return "adopt"
  if (leg.expired) return "expire"
  if (leg.due && leg.live && leg.writesEmpty) return "sealEmpty"
  return leg.live && !leg.gathering && !leg.writesEmpty ? "rest" : "wait"
}

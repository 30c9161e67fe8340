/** What can be seen of a leg at this moment, for `nextStep` to decide on; and the end of its upload period. */
import { untilPeriodEnd } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import { monotonicMillis } from "../leg/deadline.ts"
import type { StoreLeg } from "./StoreLeg.ts"
import type { LegView } from "./nextStep.ts"

/** Milliseconds until the upload period ends; the phase hangs on the wall clock only when the leg wakes. */
export const untilTick = Effect.fnUntraced(function*(leg: StoreLeg) {
  const now = yield* monotonicMillis
  if (leg.tickAt === null) {
    const wall = yield* Clock.currentTimeMillis
    leg.tickAt = now + untilPeriodEnd(leg.id, leg.version.upload.periodSeconds * 1000, wall)
  }
  return leg.tickAt - now
})

/** The period is over and dealt with: the next one ends whole periods later. */
export const advanceTick = Effect.fnUntraced(function*(leg: StoreLeg) {
  const late = -(yield* untilTick(leg))
  const period = leg.version.upload.periodSeconds * 1000
  if (leg.tickAt !== null && late >= 0) leg.tickAt += period * (Math.floor(late / period) + 1)
})

export const look = (leg: StoreLeg, due: boolean): LegView => {
  const { destination, gather, services, state } = leg
  const { upload, version } = leg.version
  return {
    draining: leg.draining,
    paused: destination.paused,
    deleted: destination.deleted,
    sealed: state.seal !== null,
    retargeted: state.seal !== null && state.seal.target !== leg.targetOf(leg.version),
    bodyReady: leg.sealed !== null || gather.rebuilt !== null,
    rebuilding: gather.rebuild !== null,
    expired: gather.expiredTo !== null,
    lost: gather.isLost,
    changed: state.adopted < version,
    full: gather.full !== null,
    gathering: gather.window !== null,
    live: gather.mode === "live",
    due,
    writesEmpty: upload.emptyWindows !== "none" && services.isHome(leg.tailnet)
  }
}

/** What can be seen of a leg to a receiver at this moment, for `nextReceiverStep` to decide on. */
import { Effect } from "effect"
import { monotonicMillis } from "../leg/deadline.ts"
import type { ReceiverStep, ReceiverView } from "./nextStep.ts"
import type { ReceiverLeg } from "./ReceiverLeg.ts"

/** A leg that had nothing to do for so long gives its connections back. */
const idleMillis = 60_000

/** When the batch that fills is sent, full or not; null: there is none. */
const lingersUntil = (leg: ReceiverLeg, now: number): number | null => {
  const last = leg.batching.batches.at(-1)
  if (last === undefined || last.closed || last.count === 0) return null
  last.seenAt ??= now
  // What lies before a gap that retention made waits for nothing more.
  return leg.batching.expiredTo === null ? last.seenAt + leg.services.limits.lingerMillis : now
}

/** How long the leg may sleep if nothing happens. */
export const untilDue = (leg: ReceiverLeg, now: number): number => {
  const lingers = lingersUntil(leg, now)
  return Math.max(1, (lingers ?? (leg.busyAt ?? now) + idleMillis) - now)
}

const viewAt = (leg: ReceiverLeg, now: number): ReceiverView => {
  const { batching, destination } = leg
  const { version } = leg.version
  return {
    draining: leg.draining,
    paused: destination.paused,
    deleted: destination.deleted,
    troubled: leg.trouble !== null,
    changed: leg.state.adopted < version,
    expired: batching.expiredTo !== null,
    underWay: leg.isAtWork,
    ready: batching.isReady,
    gathered: batching.firstOffset !== null,
    free: leg.requests < leg.inFlight.limit,
    opened: leg.opened?.version === version,
    live: batching.mode === "live",
    idle: now - (leg.busyAt ?? now) >= idleMillis
  }
}

const isBusy = (step: ReceiverStep): boolean => step !== "wait" && step !== "rest"

/** Ends the batch that waited long enough, and looks. */
export const look = Effect.fnUntraced(function*(leg: ReceiverLeg) {
  const now = yield* monotonicMillis
  const due = lingersUntil(leg, now)
  if (due !== null && due <= now) leg.batching.closeLast()
  const view = viewAt(leg, now)
  if (leg.busyAt === null || view.underWay) leg.busyAt = now
  return { now, view, noteStep: (step: ReceiverStep) => void (isBusy(step) && (leg.busyAt = now)) }
})

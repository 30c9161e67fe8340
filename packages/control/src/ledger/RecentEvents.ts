/** The last events of one destination over all its lanes: what its history shows. Bounded, in memory only. */
import type { LegEvent } from "@tailrace/domain"
import type { Lane } from "@tailrace/log"

/** `sealedAt` on a delivery: when it was decided; the seal's own event is dropped then. */
export interface RecentEvent {
  readonly lane: Lane
  readonly event: LegEvent
  readonly sealedAt?: number
}

/** Events kept for each destination. */
export const maxRecentEvents = 100

const isSealOf = (entry: RecentEvent, lane: Lane, event: LegEvent): boolean =>
  event._tag === "BatchDelivered" && entry.lane === lane && entry.event._tag === "BatchSealed" &&
  entry.event.seal.id === event.seal

/** Adds an event in place; a failure that repeats replaces the one before. */
export const remember = (recent: Array<RecentEvent>, lane: Lane, event: LegEvent): void => {
  const seal = recent.findLastIndex((entry) => isSealOf(entry, lane, event))
  const [sealed] = seal < 0 ? [] : recent.splice(seal, 1)
  const last = recent.at(-1)
  const repeats = last !== undefined && last.lane === lane && last.event._tag === event._tag &&
    (event._tag === "AttemptFailed" || event._tag === "Suspended" || event._tag === "Probed")
  if (repeats) recent.pop()
  recent.push(sealed === undefined ? { lane, event } : { lane, event, sealedAt: sealed.event.at })
  if (recent.length > maxRecentEvents) recent.shift()
}

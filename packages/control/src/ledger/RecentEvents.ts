/** The last events of one destination over all its lanes: what its history shows. Bounded, in memory only. */
import type { LegEvent } from "@tailrace/domain"
import type { Lane } from "@tailrace/log"

/**
 * `sealedAt` on a delivery: when it was decided; the seal's own event is dropped then. `since` on the sum of several
 * deliveries of a receiver: when the first of them was.
 */
export interface RecentEvent {
  readonly lane: Lane
  readonly event: LegEvent
  readonly sealedAt?: number
  readonly since?: number
}

/** Events kept for each destination. */
export const maxRecentEvents = 100

const isSealOf = (entry: RecentEvent, lane: Lane, event: LegEvent): boolean =>
  event._tag === "BatchDelivered" && entry.lane === lane && entry.event._tag === "BatchSealed" &&
  entry.event.seal.id === event.seal

/** A busy receiver commits several times a second: what it took within this time is one entry. */
export const summedMillis = 60_000

type Sent = Extract<LegEvent, { readonly _tag: "RecordsDelivered" }>

const sum = (one: Sent, next: Sent): Sent => ({
  ...next,
  from: one.from,
  count: one.count + next.count,
  quarantined: one.quarantined + next.quarantined,
  requests: one.requests + next.requests,
  failed: one.failed + next.failed,
  bytes: one.bytes + next.bytes,
  contentBytes: one.contentBytes + next.contentBytes,
  largest: Math.max(one.largest, next.largest)
})

/** The newest entry with this event in its sum; undefined: it is an entry of its own. */
const summed = (last: RecentEvent | undefined, lane: Lane, event: LegEvent): RecentEvent | undefined => {
  if (event._tag !== "RecordsDelivered" || last?.event._tag !== "RecordsDelivered" || last.lane !== lane) {
    return undefined
  }
  const { since = last.event.at } = last
  if (event.at - since >= summedMillis || event.configVersion !== last.event.configVersion) return undefined
  return { lane, since, event: sum(last.event, event) }
}

/** Adds an event in place; a failure that repeats replaces the one before, a receiver's deliveries are summed. */
export const remember = (recent: Array<RecentEvent>, lane: Lane, event: LegEvent): void => {
  const sum = summed(recent.at(-1), lane, event)
  if (sum !== undefined) {
    recent[recent.length - 1] = sum
    return
  }
  const seal = recent.findLastIndex((entry) => isSealOf(entry, lane, event))
  const [sealed] = seal < 0 ? [] : recent.splice(seal, 1)
  const last = recent.at(-1)
  const repeats = last !== undefined && last.lane === lane && last.event._tag === event._tag &&
    (event._tag === "AttemptFailed" || event._tag === "Suspended" || event._tag === "Probed")
  if (repeats) recent.pop()
  recent.push(sealed === undefined ? { lane, event } : { lane, event, sealedAt: sealed.event.at })
  if (recent.length > maxRecentEvents) recent.shift()
}

/** How long records were under way: of each object its oldest record, from the append to the delivery. */
import type { DestinationId } from "@tailrace/domain"
import { indexFrom, type LaneAppends } from "./appendTimes.ts"
import type { Delivered } from "./deliveries.ts"
import type { Receiver } from "./tailnets.ts"

/** Of one object; what it took beyond the upload period of its destination. */
interface Delay {
  readonly destination: DestinationId
  readonly lane: number
  readonly beyondMillis: number
}

export interface Delays {
  readonly all: ReadonlyArray<Delay>
  /** Objects whose count is not what the log holds between their ends. */
  readonly miscounted: ReadonlyArray<string>
}

/** Every object with records. */
export const delaysOf = (
  delivered: ReadonlyArray<Delivered>,
  appends: ReadonlyArray<LaneAppends>,
  receivers: ReadonlyArray<Receiver>
): Delays => {
  const byId = new Map(receivers.map((receiver) => [receiver.id, receiver]))
  const all: Array<Delay> = []
  const miscounted: Array<string> = []
  for (const { at, count, destination, from, key, lane, to } of delivered) {
    const receiver = byId.get(destination)
    const own = appends[lane]?.get(receiver?.tailnet ?? "")
    if (receiver === undefined || own === undefined) {
      miscounted.push(key)
      continue
    }
    const first = indexFrom(own, from)
    if (indexFrom(own, to) - first !== count) miscounted.push(key)
    const beyondMillis = at - (own.times[first] ?? Infinity) - receiver.periodMillis
    if (count > 0) all.push({ destination, lane, beyondMillis })
  }
  return { all, miscounted }
}

export const quantile = (delays: ReadonlyArray<Delay>, share: number): number => {
  const sorted = delays.map(({ beyondMillis }) => beyondMillis).toSorted((a, b) => a - b)
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
}

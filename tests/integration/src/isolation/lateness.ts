/** How late records were, from the ledger's times and the log's: what a neighbour's trouble must not change. */
import type { LogRecord } from "@tailrace/log"
import type { LaneRecords } from "../checker/LaneRecords.ts"
import type { CheckedDestination, LedgerStory } from "../checker/LedgerStory.ts"
import type { LegStory } from "../checker/LegStory.ts"

export interface Lateness {
  /** From the append of an object's oldest record to its delivery; of what waits still, to now. */
  readonly mostMillis: number
  readonly objects: number
}

/** What was known of log and ledger at a time (epoch milliseconds). */
export interface Look {
  readonly flow: ReadonlyArray<LaneRecords>
  readonly story: LedgerStory
  readonly at: number
}

const agesOf = (leg: LegStory, records: ReadonlyArray<LogRecord>, now: number): ReadonlyArray<number> => {
  const since = (from: number, at: number) => {
    const oldest = records.find(({ offset }) => offset >= from)
    return oldest === undefined ? 0 : at - oldest.time
  }
  return [...leg.delivered.map(({ from }, index) => since(from, leg.deliveredAt[index] ?? now)), since(leg.cursor, now)]
}

/** Of one destination up to that time. */
export const latenessOf = ({ id, tailnet }: CheckedDestination, { at, flow, story }: Look): Lateness => {
  const legs = [...story.legs.get(id) ?? []]
  const ages = legs.flatMap(([lane, leg]) => {
    const records = flow.find((one) => one.lane === lane)?.records.filter(({ key }) => key === tailnet) ?? []
    return agesOf(leg, records, at)
  })
  return { mostMillis: Math.max(0, ...ages), objects: legs.reduce((sum, [, leg]) => sum + leg.delivered.length, 0) }
}

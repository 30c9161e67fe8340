/** All lanes' ledgers, told leg by leg; and at which claims a seal was open, which is what a kill in between leaves. */
import { type DestinationId, LedgerEvent } from "@tailrace/domain"
import type { Lane, LogRecord, Offset } from "@tailrace/log"
import { Effect, Schema } from "effect"
import type { LaneRecords } from "./LaneRecords.ts"
import { LegStory } from "./LegStory.ts"

/** A destination to be checked: where it began on each lane, and whose records it gets. */
export interface CheckedDestination {
  readonly id: DestinationId
  readonly tailnet: string
  readonly topic: "audit" | "flow"
  readonly starts: ReadonlyArray<Offset>
}

/** A process took a lane over. */
export interface Claim {
  readonly lane: Lane
  /** As it names itself, with its number. */
  readonly process: string
  /** It found a seal open: the process before ended between a seal and its delivery. */
  readonly isAmidSeal: boolean
}

export interface LedgerStory {
  /** By destination, then by lane. */
  readonly legs: ReadonlyMap<DestinationId, ReadonlyMap<Lane, LegStory>>
  /** In their order on each lane. */
  readonly claims: ReadonlyArray<Claim>
}

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(LedgerEvent))

const eventOf = ({ value }: LogRecord) => decode(Buffer.from(value ?? new Uint8Array()).toString())

const tellLane = Effect.fnUntraced(
  function*({ lane, records }: LaneRecords, legs: ReadonlyMap<DestinationId, LegStory>) {
    const claims: Array<Claim> = []
    for (const record of records) {
      const event = yield* eventOf(record)
      if ("destination" in event) legs.get(event.destination)?.take(event)
      if (event._tag !== "LaneClaimed") continue
      const isAmidSeal = [...legs.values()].some(({ open }) => open !== null)
      claims.push({ lane, process: event.process, isAmidSeal })
    }
    for (const leg of legs.values()) leg.end()
    return claims
  }
)

export const tellLedger = Effect.fn("tellLedger")(
  function*(lanes: ReadonlyArray<LaneRecords>, destinations: ReadonlyArray<CheckedDestination>) {
    const legs = new Map(destinations.map(({ id, starts }) => [
      id,
      new Map(lanes.map(({ lane }) => [lane, new LegStory(`${id} on lane ${lane}`, starts[lane] ?? 0)]))
    ]))
    const told = yield* Effect.forEach(lanes, (lane) => {
      const ofLane = [...legs].flatMap(([id, byLane]) => {
        const leg = byLane.get(lane.lane)
        return leg === undefined ? [] : [[id, leg] as const]
      })
      return tellLane(lane, new Map(ofLane))
    })
    const story: LedgerStory = { legs, claims: told.flat() }
    return story
  }
)

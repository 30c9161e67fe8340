/**
 * The legs of a lane: made from the control log's destinations, each placed where the ledger, the snapshot or its own
 * start says. A destination has a leg on every lane, which costs nothing until a record arrives.
 */
import type { Destination, DestinationId, LegState, Positions, TailnetState } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import type { Leg, LegServices } from "../leg/Leg.ts"
import { makeLeg } from "../leg/makeLeg.ts"
import type { LaneTopic, RecordTopic } from "../read/LaneTopic.ts"
import type { RuleBook } from "../ruling/RuleBook.ts"
import type { LaneState } from "./LaneState.ts"

export interface LaneLegsOptions {
  readonly positions: Positions
  readonly state: LaneState
  readonly topics: { readonly audit: LaneTopic; readonly flow: LaneTopic }
  readonly services: LegServices
  readonly tailnets: () => Iterable<TailnetState>
}

const topicNameOf = (destination: Destination): RecordTopic =>
  destination.logType === "configuration" ? "audit" : "flow"

/** Legs that have something to do before any record comes. */
const needsFiber = (leg: Leg, state: LegState): boolean =>
  leg.destination.deleted || leg.destination.paused || state.condition._tag !== "Streaming"
  || state.adopted < leg.version.version || leg.isBusy

export class LaneLegs {
  readonly legs = new Map<DestinationId, Leg>()
  private readonly options: LaneLegsOptions

  constructor(options: LaneLegsOptions) {
    this.options = options
  }

  /** What the legs' rules are compiled in, and how many records they filtered. */
  get rules(): RuleBook {
    return this.options.services.rules
  }

  /** Brings the legs of a tailnet up to its present state. */
  sync(tailnet: TailnetState): void {
    for (const destination of tailnet.destinations.values()) {
      const present = this.legs.get(destination.id)
      if (present === undefined) this.begin(destination)
      else if (present.destination !== destination) {
        present.destination = destination
        present.wake()
      }
    }
  }

  syncAll(): void {
    for (const tailnet of this.options.tailnets()) this.sync(tailnet)
  }

  /** The lane is no longer ours: its windows count no more. */
  clear(): void {
    for (const leg of this.legs.values()) leg.drop()
    this.legs.clear()
  }

  remove(leg: Leg): void {
    this.legs.delete(leg.id)
    leg.topic.remove(leg)
  }

  private begin(destination: Destination): void {
    const { services, state, topics } = this.options
    const known = state.leg(destination.id)
    if (known.closed) return
    const start = this.startOf(destination, known)
    if (start === null) return
    const leg = makeLeg(destination, topics[topicNameOf(destination)], services)
    leg.intake.at = start
    this.legs.set(leg.id, leg)
    leg.topic.add(leg)
    if (needsFiber(leg, known)) leg.wake()
    else leg.topic.attach(leg)
  }

  /** Null: it continues a destination whose leg has not ended yet. */
  private startOf(destination: Destination, known: LegState): Offset | null {
    if (known.cursor !== null) return known.cursor
    const { positions } = this.options
    const own = this.ownStart(destination)
    const { lane, offset } = destination.createdAt
    const isNew = offset >= (positions.control[lane] ?? 0) || !this.hadBegun(destination)
    return own === null || isNew ? own : Math.max(own, positions.done[topicNameOf(destination)])
  }

  /** Whether the snapshot could say anything of it: not while the destination that it replaces had not ended. */
  private hadBegun({ start }: Destination): boolean {
    if (start._tag === "At") return true
    return this.options.positions.legs.some(({ destination, leg }) => destination === start.destination && leg.closed)
  }

  private ownStart(destination: Destination): Offset | null {
    const { services, state } = this.options
    if (destination.start._tag === "At") return destination.start.offsets[services.lane] ?? 0
    const before = state.leg(destination.start.destination)
    return before.closed ? before.cursor : null
  }
}

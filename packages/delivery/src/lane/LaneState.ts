/** A lane as its ledger made it: the fold of its events over a snapshot. Pure. */
import {
  type DestinationId,
  evolveLeg,
  initialLeg,
  isLegEvent,
  type LedgerEvent,
  type LegState,
  type Positions
} from "@tailrace/domain"
import type { Offset } from "@tailrace/log"

export class LaneState {
  /** Ledger events from here on are not folded. */
  next: Offset
  readonly strays: { audit: Offset; flow: Offset }
  audited: Offset
  readonly legs: Map<DestinationId, LegState>

  constructor(positions: Positions) {
    this.next = positions.ledger
    this.strays = { ...positions.strays }
    this.audited = positions.audited
    this.legs = new Map(positions.legs.map(({ destination, leg }) => [destination, leg]))
  }

  leg(destination: DestinationId): LegState {
    return this.legs.get(destination) ?? initialLeg
  }

  apply(event: LedgerEvent): void {
    if (isLegEvent(event)) this.legs.set(event.destination, evolveLeg(this.leg(event.destination), event))
    else if (event._tag === "AuditProjected") this.audited = event.to
    else if (event._tag === "StraysQuarantined") {
      if (event.topic === "audit" || event.topic === "flow") this.strays[event.topic] = event.to
    }
  }
}

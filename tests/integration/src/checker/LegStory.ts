/**
 * One leg as the ledger tells it: what was sealed, delivered and given up, and whether the events make sense. A fold of
 * the checker's own: that of the product is under test.
 */
import type { LedgerEvent, Seal } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import type { Complaint } from "./Complaint.ts"

export class LegStory {
  readonly where: string
  cursor: Offset
  open: Seal | null = null
  seals = 0
  readonly delivered: Array<Seal> = []
  readonly complaints: Array<Complaint> = []
  /** Time of each delivery, epoch milliseconds, as `delivered`. */
  readonly deliveredAt: Array<number> = []

  constructor(where: string, start: Offset) {
    this.where = where
    this.cursor = start
  }

  take(event: LedgerEvent): void {
    switch (event._tag) {
      case "BatchSealed":
        return this.#sealed(event.seal)
      case "BatchDelivered":
        return this.#delivered(event)
      case "SealAbandoned":
        this.#check(!event.maybeStored, `seal ${event.seal} given up, and its object may be there`)
        this.#check(this.open?.id === event.seal && event.from === this.open.from, `${event.seal} was not open`)
        this.open = null
        return
      case "RecordsExpired":
      case "BatchQuarantined":
        return this.#check(false, `${event._tag} ${event.from} to ${event.to}`)
    }
  }

  /** Nothing more will come. */
  end(): void {
    this.#check(this.open === null, `the seal ${this.open?.id} of ${this.open?.key} was never delivered`)
  }

  #check(holds: boolean, text: string): void {
    if (!holds) this.complaints.push({ kind: "ledger", where: this.where, text })
  }

  #sealed(seal: Seal): void {
    this.seals++
    const { open } = this
    if (open !== null) {
      const same = open.from === seal.from && open.to === seal.to && open.contentSha256 === seal.contentSha256
      this.#check(same && open.key !== seal.key, `${seal.id} sealed while ${open.id} was open`)
    }
    this.#check(seal.from >= this.cursor, `${seal.id} begins at ${seal.from}, before the cursor ${this.cursor}`)
    this.#check(seal.to >= seal.from, `${seal.id} ends before it begins`)
    this.#check(seal.skipped.length === 0, `${seal.id} leaves out ${seal.skipped.join(", ")}`)
    const last = this.delivered.at(-1)?.key
    this.#check(last === undefined || last < seal.key, `the key ${seal.key} does not sort behind ${last}`)
    this.open = seal
  }

  #delivered(event: Extract<LedgerEvent, { readonly _tag: "BatchDelivered" }>): void {
    const { open } = this
    const agrees = open !== null && open.id === event.seal && open.key === event.key && open.from === event.from &&
      open.to === event.to && open.count === event.count
    this.#check(agrees, `${event.seal} delivered (${event.from} to ${event.to}), open was ${open?.id}`)
    this.#check(event.to >= this.cursor, `the cursor goes back from ${this.cursor} to ${event.to}`)
    if (open !== null) this.delivered.push(open)
    this.deliveredAt.push(event.at)
    this.cursor = event.to
    this.open = null
  }
}

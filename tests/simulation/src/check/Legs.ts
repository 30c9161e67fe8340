/** The ledger folded leg by leg, and every rule that the ledger alone can break. */
import type { LedgerEvent, Seal } from "@tailrace/domain"
import type { LedgerEntry } from "../world/History.ts"
import type { World } from "../world/World.ts"

export interface SealState {
  readonly seal: Seal
  readonly destination: string
  readonly lane: number
  end: "open" | "delivered" | "abandoned" | "replaced"
  /** Of an abandoned one. */
  maybeStored: boolean
}

type RecordsDelivered = Extract<LedgerEvent, { readonly _tag: "RecordsDelivered" }>

export interface Acknowledged {
  readonly event: RecordsDelivered
  /** Simulation time of the commit, in milliseconds. */
  readonly at: number
}

export interface Leg {
  readonly destination: string
  readonly lane: number
  readonly seals: Array<SealState>
  open: SealState | undefined
  cursor: number | undefined
  configVersion: number
  readonly delivered: Array<SealState>
  /** What a receiver has acknowledged. */
  readonly acknowledged: Array<Acknowledged>
  readonly expired: Array<{ readonly from: number; readonly to: number }>
  readonly refused: Array<{ readonly from: number; readonly to: number }>
  closed: boolean
}

export interface Legs {
  readonly legs: ReadonlyMap<string, Leg>
  readonly seals: ReadonlyMap<string, SealState>
}

export type Report = (invariant: string, what: string) => void

const legOf = (legs: Map<string, Leg>, destination: string, lane: number): Leg => {
  const name = `${destination}/${lane}`
  const known = legs.get(name)
  if (known !== undefined) return known
  const leg: Leg = {
    destination,
    lane,
    seals: [],
    open: undefined,
    cursor: undefined,
    configVersion: 0,
    delivered: [],
    acknowledged: [],
    expired: [],
    refused: [],
    closed: false
  }
  legs.set(name, leg)
  return leg
}

const seal = (leg: Leg, sealed: Seal, report: Report): SealState => {
  const name = `${leg.destination}/${leg.lane} seal ${sealed.id}`
  const { open } = leg
  if (open !== undefined) {
    // Another's object under the key: the same records are sealed again under a new one.
    const again = open.seal.from === sealed.from && open.seal.to === sealed.to && open.seal.key !== sealed.key
    if (!again) report("one open seal", `${name} while ${open.seal.id} is open`)
    open.end = "replaced"
  }
  if (leg.cursor !== undefined && sealed.from < leg.cursor) {
    report("cursor", `${name} begins at ${sealed.from}, before the cursor ${leg.cursor}`)
  }
  if (sealed.configVersion < leg.configVersion) {
    report("config forward", `${name} has version ${sealed.configVersion} after ${leg.configVersion}`)
  }
  leg.configVersion = sealed.configVersion
  const state: SealState = {
    seal: sealed,
    destination: leg.destination,
    lane: leg.lane,
    end: "open",
    maybeStored: false
  }
  leg.seals.push(state)
  leg.open = state
  return state
}

const advance = (leg: Leg, to: number, report: Report): void => {
  if (leg.cursor !== undefined && to < leg.cursor) {
    report("cursor", `${leg.destination}/${leg.lane} goes back from ${leg.cursor} to ${to}`)
  }
  leg.cursor = to
}

const end = (leg: Leg, id: string, report: Report): SealState | undefined => {
  const { open } = leg
  if (open?.seal.id !== id) {
    report("one open seal", `${leg.destination}/${leg.lane} ends seal ${id}, but ${open?.seal.id ?? "none"} is open`)
    return undefined
  }
  leg.open = undefined
  return open
}

type LegEvent = Extract<LedgerEvent, { readonly destination: unknown }>

const acknowledge = (leg: Leg, acknowledged: Acknowledged, report: Report): void => {
  const { from, to } = acknowledged.event
  const name = `${leg.destination}/${leg.lane} [${from}, ${to})`
  if (leg.cursor !== undefined && from < leg.cursor) report("cursor", `${name} begins before the cursor ${leg.cursor}`)
  if (to <= from) report("cursor", `${name} is empty`)
  if (leg.open !== undefined) report("one open seal", `${name} while ${leg.open.seal.id} is open`)
  leg.acknowledged.push(acknowledged)
  advance(leg, to, report)
}

const fold = (
  leg: Leg,
  { event, at }: { readonly event: LegEvent; readonly at: number },
  report: Report
): SealState | undefined => {
  const name = `${leg.destination}/${leg.lane}`
  switch (event._tag) {
    case "BatchSealed":
      return seal(leg, event.seal, report)
    case "BatchDelivered": {
      const open = end(leg, event.seal, report)
      if (open === undefined) return undefined
      if (event.from !== open.seal.from || event.to !== open.seal.to || event.key !== open.seal.key) {
        report("delivered as sealed", `${name} ${event.seal}: [${event.from}, ${event.to}) ${event.key}`)
      }
      open.end = "delivered"
      leg.delivered.push(open)
      advance(leg, event.to, report)
      return undefined
    }
    case "SealAbandoned": {
      const open = end(leg, event.seal, report)
      if (open === undefined) return undefined
      open.end = "abandoned"
      open.maybeStored = event.maybeStored
      if (event.from !== open.seal.from) report("abandoned as sealed", `${name} ${event.seal} goes on at ${event.from}`)
      return undefined
    }
    case "RecordsDelivered":
      acknowledge(leg, { event, at }, report)
      return undefined
    case "BatchQuarantined":
      leg.refused.push(event)
      advance(leg, event.to, report)
      return undefined
    case "RecordsExpired":
      leg.expired.push(event)
      advance(leg, event.to, report)
      return undefined
    case "LegClosed":
      leg.closed = true
      return undefined
    default:
      return undefined
  }
}

/** Written by the lane's only writer, which says so first. */
const checkClaim = ({ event, lane, written }: LedgerEntry, lastClaims: Array<number>, report: Report): void => {
  const what = `${event._tag} at ledger/${lane} ${written.offset} by ${written.process}`
  if (written.claim === null || written.claim !== written.lastClaim) {
    report("fence", `${what} under claim ${written.claim}, the last is ${written.lastClaim}`)
  }
  if (written.claim !== null && written.claim !== lastClaims[lane] && event._tag !== "LaneClaimed") {
    report("claim first", `${what} before LaneClaimed`)
  }
  lastClaims[lane] = written.claim ?? 0
}

export const foldLedger = (world: World, report: Report): Legs => {
  const legs = new Map<string, Leg>()
  const seals = new Map<string, SealState>()
  const lastClaims: Array<number> = []
  for (const entry of world.history.ledger) {
    checkClaim(entry, lastClaims, report)
    const { event, lane } = entry
    if (!("destination" in event)) continue
    const state = fold(legOf(legs, event.destination, lane), { event, at: entry.written.at }, report)
    if (state === undefined) continue
    if (seals.has(state.seal.id)) report("one end", `seal ${state.seal.id} is made twice`)
    seals.set(state.seal.id, state)
  }
  for (const { offset } of world.history.unreadable) report("ledger", `the record at ${offset} is no ledger event`)
  return { legs, seals }
}

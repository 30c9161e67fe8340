/**
 * What must be true after every run, whatever happened: the invariants of the design's delivery chapter, read off log,
 * ledger, quarantine and buckets. It shares no code with delivery but the schemas.
 */
import type { World } from "../world/World.ts"
import { checkAccounts } from "./Accounts.ts"
import { type Destinations, foldControl } from "./Destinations.ts"
import { foldLedger, type Leg, type Legs, type Report } from "./Legs.ts"
import { checkObjects } from "./Objects.ts"

export interface Violation {
  readonly invariant: string
  readonly what: string
}

const versionOf = (destinations: Destinations, leg: Leg, version: number) =>
  destinations.all.get(leg.destination)?.versions.find((one) => one.version === version)

/** Deliveries follow the log; keys follow deliveries as long as they stand side by side in one place. */
const checkOrder = (destinations: Destinations, leg: Leg, report: Report): void => {
  leg.delivered.forEach(({ seal }, index) => {
    const before = leg.delivered[index - 1]?.seal
    if (before === undefined) return
    const name = `${leg.destination}/${leg.lane}: ${before.id} ${before.key}, then ${seal.id} ${seal.key}`
    if (seal.from < before.to) report("order", `${name} overlaps`)
    const [old, now] = [before, seal].map(({ configVersion }) => versionOf(destinations, leg, configVersion))
    const comparable = before.target === seal.target && old?.config.keyPrefix === now?.config.keyPrefix
      && old?.upload.keyLayout === now?.upload.keyLayout
    if (comparable && before.key >= seal.key) report("order", `${name}: the keys do not ascend`)
  })
}

const checkSettled = (legs: Legs, destinations: Destinations, report: Report): void => {
  for (const leg of legs.legs.values()) {
    if (leg.open !== undefined) {
      report("settled", `${leg.destination}/${leg.lane} still has seal ${leg.open.seal.id} open`)
    }
    if (!destinations.all.has(leg.destination)) report("visible", `${leg.destination} was never created`)
  }
}

export const check = (world: World, unserved: ReadonlySet<number>): ReadonlyArray<Violation> => {
  const violations: Array<Violation> = world.violations.map((what) => ({ invariant: "harness", what }))
  const report: Report = (invariant, what) => void violations.push({ invariant, what })
  const destinations = foldControl(world)
  const legs = foldLedger(world, report)
  for (const leg of legs.legs.values()) checkOrder(destinations, leg, report)
  if (unserved.size === 0) checkSettled(legs, destinations, report)
  checkObjects(world, destinations, legs)(report)
  checkAccounts({ world, destinations, legs, report }, unserved)
  return violations
}

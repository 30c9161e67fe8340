/**
 * What must be true after every run, whatever happened: the invariants of the design's delivery chapter, read off log,
 * ledger, quarantine and buckets. It shares no code with delivery but the schemas.
 */
import { type DestinationVersion, isStore, topicOf } from "@tailrace/domain"
import type { World } from "../world/World.ts"
import { checkAccounts } from "./Accounts.ts"
import { type Destinations, foldControl } from "./Destinations.ts"
import { foldLedger, type Leg, type Legs, type Report } from "./Legs.ts"
import { checkLives } from "./Lives.ts"
import { checkObjects, recordsOf } from "./Objects.ts"
import { checkReceipts } from "./Receipts.ts"
import { checkReplaced } from "./Replaced.ts"

export interface Violation {
  readonly invariant: string
  readonly what: string
}

const prefixOf = (version: DestinationVersion | undefined): string | undefined =>
  version !== undefined && isStore(version.config) ? version.config.keyPrefix : undefined

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
    const comparable = before.target === seal.target && prefixOf(old) === prefixOf(now)
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

/** The key without the number behind its time. */
const timeOf = (key: string): string => key.replace(/_[a-z]*\d+/, "")

/** Two lanes of one destination may well end their windows in the same second; they never want the same key. */
const checkSameSecond = (world: World, legs: Legs, report: Report): void => {
  const first = new Map<string, { readonly lane: number; readonly key: string }>()
  for (const { destination, lane, seal } of legs.seals.values()) {
    const name = `${destination} ${timeOf(seal.key)}`
    const other = first.get(name)
    first.set(name, { lane, key: seal.key })
    if (other === undefined || other.lane === lane) continue
    world.coverage.hit("fault: same-second seals on two lanes")
    if (other.key === seal.key) report("keys apart", `${destination}: lanes ${other.lane} and ${lane} want ${seal.key}`)
  }
}

/** How much later than its period a healthy destination may be, in milliseconds. */
const isolationMillis = 5_000

/** A failing bucket delays nobody else: each record is stored within the period of its destination and a little. */
const checkBuckets = ({ destinations, legs, world }: Checked, failing: string, report: Report): void => {
  for (const { end, seal, ...leg } of legs.seals.values()) {
    const known = destinations.all.get(leg.destination)
    const stored = world.buckets.at(seal.target).objects.get(seal.key)
    if (seal.target === failing || end !== "delivered" || known === undefined || stored === undefined) continue
    const period = Math.max(...known.versions.map(({ upload }) => upload.periodSeconds)) * 1_000
    for (const { at, offset } of recordsOf({ world, known, state: { end, seal, ...leg } })) {
      const late = stored.at - Math.max(at, known.createdAt) - period
      if (late > isolationMillis) {
        report("isolation", `${known.id}/${leg.lane} ${offset} came ${late} ms after its period`)
      }
    }
  }
}

/** As for buckets: receivers have a second of their own instead of a period. */
const checkIndexes = ({ destinations, world }: Checked, failing: string, report: Report): void => {
  for (const { received, target } of world.indexes.all()) {
    if (target === failing) continue
    const seen = new Set<string>()
    for (const { at, offset, send: { destination, lane } } of received) {
      const known = destinations.all.get(destination)
      const name = `${destination}/${lane} ${offset}`
      if (known === undefined || seen.has(name)) continue
      seen.add(name)
      const record = world.history.records(topicOf[known.logType], lane).find((one) => one.offset === offset)
      const late = at - Math.max(record?.at ?? 0, known.createdAt)
      if (late > isolationMillis) report("isolation", `${name} came ${late} ms after it was appended`)
    }
  }
}

/** Windows of a process, and what it gathers for receivers, hold what its bounds say at most. */
const checkMemory = ({ world }: Checked, report: Report): void => {
  for (const { gatheredLimitBytes, limitBytes, memory } of world.memoryGauges) {
    world.server.fork(memory).addObserver((exit) => {
      const highest = exit._tag === "Success" ? exit.value.highestBytes : Infinity
      const gathered = exit._tag === "Success" ? exit.value.mostGatheredBytes : Infinity
      if (highest > limitBytes) report("bounded", `windows held ${highest} bytes, allowed ${limitBytes}`)
      if (gathered > gatheredLimitBytes) {
        report("bounded", `${gathered} bytes were gathered for receivers, allowed ${gatheredLimitBytes}`)
      }
    })
  }
}

interface Checked {
  readonly world: World
  readonly destinations: Destinations
  readonly legs: Legs
}

/** `failing`: the target of a bucket or an index that failed while everything else worked. */
export const check = (world: World, failing: string | null): ReadonlyArray<Violation> => {
  const unserved = world.broken
  const violations: Array<Violation> = world.violations.map((what) => ({ invariant: "harness", what }))
  const report: Report = (invariant, what) => void violations.push({ invariant, what })
  const destinations = foldControl(world)
  const legs = foldLedger(world, report)
  checkSameSecond(world, legs, report)
  for (const leg of legs.legs.values()) checkOrder(destinations, leg, report)
  if (unserved.size === 0 && !world.halted) checkSettled(legs, destinations, report)
  checkObjects(world, destinations, legs)(report)
  checkLives(world, report)
  checkReceipts({ world, destinations, legs, report })
  checkReplaced(world, report)
  if (failing !== null) {
    checkBuckets({ world, destinations, legs }, failing, report)
    checkIndexes({ world, destinations, legs }, failing, report)
  }
  checkMemory({ world, destinations, legs }, report)
  checkAccounts({ world, destinations, legs, report }, unserved)
  return violations
}

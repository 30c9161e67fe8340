/** Where each record went: no loss, no duplicate, each refused record in quarantine once. */
import { tailnetOfKey, topicOf } from "@tailrace/domain"
import { type Bucket, sealOf } from "../world/Buckets.ts"
import { textOf, type Written } from "../world/History.ts"
import type { World } from "../world/World.ts"
import { chainOf, type Destinations, type Known, latest } from "./Destinations.ts"
import type { Leg, Legs, Report } from "./Legs.ts"
import { isLineOf, isOf, isValid, recordsOf } from "./Objects.ts"
import { type Taken, takenByLeg } from "./Receipts.ts"

interface Books {
  readonly world: World
  readonly destinations: Destinations
  readonly legs: Legs
  readonly report: Report
  /** What receivers took of each leg. */
  readonly taken: ReadonlyMap<string, Taken>
}

const isStored = (bucket: Bucket, key: string, seal: string): boolean => {
  const object = bucket.objects.get(key)
  return object !== undefined && sealOf(object) === seal
}

/** How many objects hold each record of a lane; objects of seals abandoned as maybe stored do not count. */
const countObjects = ({ destinations, world }: Books, chain: ReadonlyArray<Leg>): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const leg of chain) {
    const known = destinations.all.get(leg.destination)
    for (const state of leg.seals) {
      const { key, id, target } = state.seal
      if (known === undefined || state.maybeStored || !isStored(world.buckets.at(target), key, id)) continue
      for (const { offset } of recordsOf({ world, known, state })) counts.set(offset, (counts.get(offset) ?? 0) + 1)
    }
  }
  return counts
}

/** What lies in quarantine for a destination, by the offset that each entry names. */
const quarantined = (world: World, lane: number, key: string): ReadonlyMap<number, ReadonlyArray<Written>> =>
  Map.groupBy(
    world.history.records("quarantine", lane).filter((record) => record.key === key),
    ({ headers }) => Number(headers?.["offset"] ?? -1)
  )

const within = (ranges: ReadonlyArray<{ readonly from: number; readonly to: number }>, offset: number): boolean =>
  ranges.some(({ from, to }) => from <= offset && offset < to)

/** Taken by a receiver of the chain, or refused by one and therefore in quarantine. */
const isReceived = ({ taken }: Books, { chain, lane }: LaneBooks, offset: number): boolean =>
  chain.some(({ id }) => taken.get(`${id}/${lane}`)?.has(offset) === true)

interface LaneBooks {
  readonly chain: ReadonlyArray<Known>
  readonly legs: ReadonlyArray<Leg>
  readonly lane: number
  readonly records: ReadonlyArray<Written>
  /** Records from here on need not be accounted for. */
  readonly until: number
}

/** The raw record, with a reason; of one whose seal could not be read again as a whole, the reason alone. */
const isEntryOf = (entry: Written, record: Written, isExpired: (offset: number) => boolean): boolean => {
  const reason = entry.headers?.["reason"] ?? ""
  if (reason === "expired") return isExpired(record.offset)
  return reason !== "" && textOf(entry.value) === textOf(record.value)
}

const checkRefused = (books: Books, { chain, lane, legs, records, until }: LaneBooks): void => {
  const { earliest } = books.world.boundsNow(topicOf[chain[0]?.logType ?? "network"], lane)
  const isExpired = (offset: number) =>
    legs.some((leg) => leg.seals.some(({ seal }) => seal.skipped.includes(offset) && seal.from < earliest))
  const seen = chain.map(({ id }) => quarantined(books.world, lane, id))
  const name = `${chain.at(-1)?.id}/${lane}`
  for (const record of records) {
    const entries = seen.flatMap((entries) => entries.get(record.offset) ?? [])
    const due = record.offset < until && !legs.some((leg) => within(leg.expired, record.offset))
    const what = `${name}: ${record.offset} ${textOf(record.value)}`
    if (due && entries.length === 0) books.report("no loss", `${what} is not in quarantine`)
    if (entries.length > 1) books.report("quarantine once", `${what} is ${entries.length} times in quarantine`)
    if (!entries.every((entry) => isEntryOf(entry, record, isExpired))) {
      books.report("quarantine", `${what} lies there with another value or without a reason`)
    }
  }
}

/** A process with a stricter validator has put it into quarantine, once and as it is. */
const isRefusedByStrict = (
  { world: { strictBytes } }: Books,
  entries: ReadonlyArray<Written>,
  record: Written
): boolean => {
  const isLong = strictBytes !== null && (record.value?.length ?? 0) > strictBytes
  const [entry, ...others] = entries
  return isLong && others.length === 0 && entry !== undefined && isEntryOf(entry, record, () => true)
}

const checkValid = (books: Books, laneBooks: LaneBooks): void => {
  const { chain, lane, legs, records, until } = laneBooks
  const counts = countObjects(books, legs)
  const name = `${chain.at(-1)?.id}/${lane}`
  const seen = chain.map(({ id }) => quarantined(books.world, lane, id))
  for (const record of records) {
    const { offset, value } = record
    const count = counts.get(offset) ?? 0
    const entries = seen.flatMap((one, index) => chain[index]?.isStore === false ? one.get(offset) ?? [] : [])
    if (entries.length > 1) books.report("quarantine once", `${name}: ${offset} is ${entries.length} times there`)
    // That a receiver has refused it is seen elsewhere.
    if (entries.some((entry) => isLineOf(textOf(entry.value), record))) continue
    if (count === 0 && isReceived(books, laneBooks, offset)) continue
    if (isRefusedByStrict(books, seen.flatMap((entries) => entries.get(offset) ?? []), record)) {
      if (count > 0) books.report("no duplicate", `${name}: ${offset} is in an object and in quarantine`)
      continue
    }
    if (count > 1) books.report("no duplicate", `${name}: ${offset} is in ${count} objects`)
    if (count > 0 || offset >= until || legs.some((leg) => within(leg.expired, offset))) continue
    const where = seen.some((entries) => entries.has(offset)) ? ", but in quarantine" : ""
    books.report("no loss", `${name}: ${offset} is in no object${where}: ${textOf(value)}`)
  }
}

/** Nothing is said to have expired that has not. */
const checkExpired = ({ report, world }: Books, leg: Leg, known: Known): void => {
  const { earliest } = world.boundsNow(topicOf[known.logType], leg.lane)
  for (const { from, to } of leg.expired) {
    if (to > earliest) {
      report("no loss", `${leg.destination}/${leg.lane} says [${from}, ${to}) expired, the log begins at ${earliest}`)
    }
  }
}

const checkLane = (books: Books, chain: ReadonlyArray<Known>, lane: number): void => {
  const first = chain[0]
  const last = chain.at(-1)
  if (first === undefined || last === undefined || first.start._tag !== "At") return
  const start = first.start.offsets[lane] ?? 0
  const topic = topicOf[first.logType]
  const legs = chain.flatMap(({ id }) => books.legs.legs.get(`${id}/${lane}`) ?? [])
  for (const leg of legs) checkExpired(books, leg, first)
  const records = books.world.history.records(topic, lane)
    .filter((record) => record.offset >= start && isOf(record, first))
  // What a deleted destination still had to come is nobody's; what its cursor has passed is.
  const cursor = Math.max(0, ...legs.map((leg) => leg.cursor ?? 0))
  const until = last.deleted || books.world.halted ? cursor : Infinity
  checkValid(books, { chain, legs, lane, until, records: records.filter(isValid) })
  checkRefused(books, { chain, legs, lane, until, records: records.filter((record) => !isValid(record)) })
}

/** Records without a tailnet that anybody knows: once in quarantine, whoever owns the lane. */
const checkStrays = ({ destinations, report, world }: Books, lane: number): void => {
  const found = new Map<string, number>()
  for (const { key, value } of world.history.records("quarantine", lane)) {
    if (destinations.all.has(key ?? "")) continue
    found.set(textOf(value), (found.get(textOf(value)) ?? 0) + 1)
  }
  if (world.halted) return
  for (const topic of ["audit", "flow"] as const) {
    const { earliest } = world.boundsNow(topic, lane)
    for (const { key, offset, value } of world.history.records(topic, lane)) {
      const stray = key === null || !destinations.tailnets.has(tailnetOfKey(key))
      const count = found.get(textOf(value)) ?? 0
      if (stray && count === 0 && offset >= earliest) report("no loss", `stray ${textOf(value)} is not in quarantine`)
    }
  }
}

/** `unserved`: lanes that have stopped for good, as they must when a topic was made anew. */
export const checkAccounts = (given: Omit<Books, "taken">, unserved: ReadonlyMap<number, unknown>): void => {
  const { destinations, world } = given
  const books: Books = { ...given, taken: takenByLeg(world) }
  for (let lane = 0; lane < world.lanes; lane++) {
    if (unserved.has(lane)) continue
    checkStrays(books, lane)
    for (const known of latest(destinations)) checkLane(books, chainOf(destinations, known), lane)
  }
}

/** Where each record went: no loss, no duplicate, each refused record in quarantine once. */
import { tailnetOfKey, topicOf } from "@tailrace/domain"
import { type Bucket, sealOf } from "../world/Buckets.ts"
import { textOf, type Written } from "../world/History.ts"
import type { World } from "../world/World.ts"
import { chainOf, type Destinations, type Known, latest } from "./Destinations.ts"
import type { Leg, Legs, Report } from "./Legs.ts"
import { isOf, isValid, recordsOf } from "./Objects.ts"

interface Books {
  readonly world: World
  readonly destinations: Destinations
  readonly legs: Legs
  readonly report: Report
}

const isStored = (bucket: Bucket, key: string, seal: string): boolean => {
  const object = bucket.objects.get(key)
  return object !== undefined && sealOf(object) === seal
}

/** How many objects hold each record of a lane; objects of seals abandoned as maybe stored do not count. */
const countObjects = ({ destinations, legs, world }: Books, chain: ReadonlyArray<Leg>): Map<number, number> => {
  const counts = new Map<number, number>()
  for (const leg of chain) {
    const known = destinations.all.get(leg.destination)
    for (const state of leg.seals) {
      const { key, id, target } = state.seal
      if (known === undefined || state.maybeStored || !isStored(world.buckets.at(target), key, id)) continue
      for (const { offset } of recordsOf({ world, known, state })) counts.set(offset, (counts.get(offset) ?? 0) + 1)
    }
  }
  void legs
  return counts
}

const quarantined = (world: World, lane: number, key: string): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const record of world.history.records("quarantine", lane)) {
    const value = textOf(record.value)
    if (record.key === key) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return counts
}

const within = (ranges: ReadonlyArray<{ readonly from: number; readonly to: number }>, offset: number): boolean =>
  ranges.some(({ from, to }) => from <= offset && offset < to)

interface LaneBooks {
  readonly chain: ReadonlyArray<Known>
  readonly legs: ReadonlyArray<Leg>
  readonly lane: number
  readonly records: ReadonlyArray<Written>
  /** Records from here on need not be accounted for. */
  readonly until: number
}

const checkRefused = (books: Books, { chain, lane, legs, records, until }: LaneBooks): void => {
  const seen = new Map<string, number>()
  for (const { id } of chain) {
    for (const [value, count] of quarantined(books.world, lane, id)) seen.set(value, (seen.get(value) ?? 0) + count)
  }
  const due = new Map<string, number>()
  for (const record of records) {
    if (record.offset >= until || legs.some((leg) => within(leg.expired, record.offset))) continue
    due.set(textOf(record.value), (due.get(textOf(record.value)) ?? 0) + 1)
  }
  const name = `${chain.at(-1)?.id}/${lane}`
  for (const [value, count] of due) {
    const found = seen.get(value) ?? 0
    if (found < count) books.report("no loss", `${name}: ${value} is ${found} times in quarantine, not ${count}`)
  }
  for (const [value, found] of seen) {
    const count = records.filter((record) => textOf(record.value) === value).length
    if (found > count) {
      books.report("quarantine once", `${name}: ${value} is ${found} times in quarantine, not ${count}`)
    }
  }
}

const checkValid = (books: Books, { chain, lane, legs, records, until }: LaneBooks): void => {
  const counts = countObjects(books, legs)
  const name = `${chain.at(-1)?.id}/${lane}`
  for (const { offset, value } of records) {
    const count = counts.get(offset) ?? 0
    if (count > 1) books.report("no duplicate", `${name}: ${offset} is in ${count} objects`)
    if (count > 0 || offset >= until || legs.some((leg) => within(leg.expired, offset))) continue
    const seen = chain.some(({ id }) => quarantined(books.world, lane, id).has(textOf(value)))
    books.report("no loss", `${name}: ${offset} is in no object${seen ? ", but in quarantine" : ""}: ${textOf(value)}`)
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
export const checkAccounts = (books: Books, unserved: ReadonlySet<number>): void => {
  const { destinations, world } = books
  for (let lane = 0; lane < world.lanes; lane++) {
    if (unserved.has(lane)) continue
    checkStrays(books, lane)
    for (const known of latest(destinations)) checkLane(books, chainOf(destinations, known), lane)
  }
}

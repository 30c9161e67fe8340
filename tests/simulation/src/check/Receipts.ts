/**
 * What receivers took, and what the ledger says of it: each receipt is a record of the log, the cursor passes nothing
 * that was not taken or quarantined by then, and nothing is in quarantine that nobody has refused.
 */
import { topicOf } from "@tailrace/domain"
import type { Receipt } from "../world/Indexes.ts"
import { textOf, type Written } from "../world/History.ts"
import type { World } from "../world/World.ts"
import type { Destinations, Known } from "./Destinations.ts"
import type { Leg, Legs, Report } from "./Legs.ts"
import { toldOf } from "./Life.ts"
import { isLineOf, isOf, isValid } from "./Objects.ts"

/** When each record of a leg was taken first, by offset. */
export type Taken = ReadonlyMap<number, number>

const noneTaken: Taken = new Map()

export const takenByLeg = ({ indexes }: World): ReadonlyMap<string, Taken> => {
  const legs = new Map<string, Map<number, number>>()
  for (const { received } of indexes.all()) {
    for (const { at, offset, send } of received) {
      const name = `${send.destination}/${send.lane}`
      const taken = legs.get(name) ?? new Map<number, number>()
      taken.set(offset, Math.min(at, taken.get(offset) ?? Infinity))
      legs.set(name, taken)
    }
  }
  return legs
}

interface Books {
  readonly world: World
  readonly destinations: Destinations
  readonly legs: Legs
  readonly report: Report
}

/** Each receipt is a record of the destination's tailnet, as the log has it. */
const checkContent = ({ destinations, report, world }: Books, { line, offset, send }: Receipt): void => {
  const known = destinations.all.get(send.destination)
  const name = `${send.destination}/${send.lane} ${offset} in request ${send.id}`
  if (known === undefined) return report("visible", `${name} is of a destination that nobody made`)
  if (world.broken.has(send.lane)) return
  const record = world.history.records(topicOf[known.logType], send.lane).find((one) => one.offset === offset)
  if (record === undefined || !isOf(record, known)) return report("same content", `${name} is no record of its tailnet`)
  if (!isLineOf(line, record)) report("same content", `${name} is another text: ${line.slice(0, 200)}`)
}

/** Words with which a record of a leg was refused: by the encoder, in an answer, or as too large alone. */
const refusalsOf = ({ indexes }: World): ReadonlySet<string> => {
  const words = new Set(indexes.refusals.map(({ destination, lane, offset }) => `${destination}/${lane} ${offset}`))
  for (const send of indexes.sends) {
    toldOf(send).forEach((told, at) => {
      if (told === "refused") words.add(`${send.destination}/${send.lane} ${send.items[at]?.offset}`)
    })
  }
  return words
}

interface Due {
  readonly record: Written
  /** Simulation time by which it was in quarantine; never: Infinity. */
  readonly quarantinedAt: number
  readonly isExpired: boolean
}

const dueOf = ({ world }: Books, leg: Leg, known: Known): ReadonlyArray<Due> => {
  const entries = new Map<number, number>()
  for (const { at, headers, key } of world.history.records("quarantine", leg.lane)) {
    if (key === leg.destination) entries.set(Number(headers?.["offset"] ?? -1), at)
  }
  return world.history.records(topicOf[known.logType], leg.lane).filter((record) => isOf(record, known))
    .map((record) => ({
      record,
      quarantinedAt: entries.get(record.offset) ?? Infinity,
      isExpired: leg.expired.some(({ from, to }) => from <= record.offset && record.offset < to)
    }))
}

/** The cursor passes no hole, and says rightly how many records it has passed. */
const checkCursor = (books: Books, { known, leg, taken }: { known: Known; leg: Leg; taken: Taken }): void => {
  if (books.world.broken.has(leg.lane) || leg.acknowledged.length === 0) return
  const due = dueOf(books, leg, known)
  for (const { at, event } of leg.acknowledged) {
    const name = `${leg.destination}/${leg.lane} [${event.from}, ${event.to})`
    const passed = due.filter(({ record: { offset } }) => event.from <= offset && offset < event.to)
    const quarantined = passed.filter(({ quarantinedAt }) => quarantinedAt <= at)
    for (const { isExpired, quarantinedAt, record: { offset } } of passed) {
      if ((taken.get(offset) ?? Infinity) > at && quarantinedAt > at && !isExpired) {
        books.report("no hole", `${name} passes ${offset}, which nobody has taken by ${at}`)
      }
    }
    const expected = passed.length - quarantined.length
    if (event.count !== expected || event.quarantined !== quarantined.length) {
      const said = `${event.count} taken and ${event.quarantined} quarantined`
      books.report("counted", `${name} says ${said}, not ${expected} and ${quarantined.length}`)
    }
  }
}

/** The commit of a quarantine entry moves the cursor past it. */
const hasCursor = ({ history }: World, lane: number, { at, headers, key }: Written): boolean => {
  const offset = Number(headers?.["offset"] ?? -1)
  return history.ledger.some(({ event, ...entry }) =>
    entry.lane === lane && entry.written.at === at && "to" in event && "destination" in event
    && event.destination === key && "from" in event && event.from <= offset && offset < event.to
  )
}

/** A record that is right goes to quarantine only if a receiver has refused it; each goes together with the cursor. */
const checkQuarantine = ({ destinations, report, world }: Books): void => {
  const refusals = refusalsOf(world)
  for (let lane = 0; lane < world.lanes; lane++) {
    if (world.broken.has(lane)) continue
    for (const entry of world.history.records("quarantine", lane)) {
      const { headers, key, value } = entry
      const known = destinations.all.get(key ?? "")
      const offset = Number(headers?.["offset"] ?? -1)
      if (known === undefined || known.isStore) continue
      if (!hasCursor(world, lane, entry)) {
        report("quarantine", `${key}/${lane}: ${offset} is there without the cursor that has passed it`)
      }
      const record = world.history.records(topicOf[known.logType], lane).find((one) => one.offset === offset)
      const isLong = world.strictBytes !== null && (value?.length ?? 0) > world.strictBytes
      if (record === undefined || !isValid(record) || isLong || refusals.has(`${key}/${lane} ${offset}`)) continue
      report("quarantine", `${key}/${lane}: ${offset} ${textOf(value)} is there, though nobody has refused it`)
    }
  }
}

export const checkReceipts = (books: Books): void => {
  const { destinations, legs, world } = books
  for (const { received } of world.indexes.all()) for (const receipt of received) checkContent(books, receipt)
  const all = takenByLeg(world)
  for (const [name, leg] of legs.legs) {
    const known = destinations.all.get(leg.destination)
    if (known !== undefined) checkCursor(books, { known, leg, taken: all.get(name) ?? noneTaken })
  }
  checkQuarantine(books)
}

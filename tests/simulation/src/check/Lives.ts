/**
 * The requests of a leg from one claim to the next: in which order they began, and what was sent although it was known
 * to be taken. What a leg may send twice is what was under way or behind a hole when its process died or lost the lane,
 * and what nobody said the fate of.
 */
import type { Send } from "../world/Indexes.ts"
import type { World } from "../world/World.ts"
import type { Report } from "./Legs.ts"
import { type Life, livesOf, momentsOf, type Told, toldOf } from "./Life.ts"
import { Refused } from "./Limit.ts"
import { checkPace } from "./Pace.ts"

interface Knowledge {
  readonly life: Life
  readonly report: Report
  readonly told: Map<number, Told>
  /** Highest offset that was sent so far. */
  highest: number
}

const isUnderWay = (send: Send, at: number): boolean =>
  send.beganAt <= at && send.answeredAt > at && send.interruptedAt > at

const checkBegin = ({ highest, life, report, told }: Knowledge, send: Send): void => {
  const name = `${life.name}: request ${send.id}`
  const others = life.sends.filter((other) => other !== send && other.id < send.id && isUnderWay(other, send.beganAt))
  const underWay = new Set(others.flatMap(({ items }) => items.map(({ offset }) => offset)))
  let last = -1
  for (const { offset } of send.items) {
    if (offset <= last) report("order", `${name} has ${offset} after ${last}`)
    last = offset
    if (underWay.has(offset)) report("no repeat", `${name} has ${offset}, which is under way`)
    const known = told.get(offset)
    if (known === "taken" || known === "refused") report("no repeat", `${name} has ${offset}, known to be ${known}`)
    if (known === undefined && offset < highest && !underWay.has(offset)) {
      report("order", `${name} has ${offset} for the first time, after ${highest}`)
    }
  }
}

const walk = (life: Life, refused: Refused, report: Report): void => {
  const knowledge: Knowledge = { life, report, told: new Map(), highest: -1 }
  for (const { kind, send } of momentsOf(life)) {
    if (kind === "begins") {
      checkBegin(knowledge, send)
      for (const { offset } of send.items) knowledge.highest = Math.max(knowledge.highest, offset)
      continue
    }
    const told = toldOf(send)
    const isBeyond = refused.answered(send, told)
    send.items.forEach(({ offset }, at) => {
      const one = told[at] ?? "unknown"
      knowledge.told.set(offset, isBeyond && one === "refused" ? "again" : one)
    })
  }
}

/** Cursor of a leg as the ledger had it when a claim began. */
const cursorAt = ({ history }: World, life: Life): number => {
  let cursor = -1
  for (const { event, lane, written } of history.ledger) {
    if (lane !== life.lane || !("destination" in event) || event.destination !== life.destination) continue
    if ((written.claim ?? 0) >= life.claim) break
    if ("to" in event) cursor = event.to
  }
  return cursor
}

/** Nothing is sent again that was known to be done when the lane was claimed. */
const checkTakeover = (world: World, life: Life, report: Report): void => {
  const cursor = cursorAt(world, life)
  for (const { id, items } of life.sends) {
    for (const { offset } of items) {
      if (offset < cursor) report("no repeat", `${life.name}: request ${id} has ${offset}, the cursor was ${cursor}`)
    }
  }
}

/** With one request at a time, what a receiver takes for the first time comes in log order, except what had to wait. */
const checkTaken = (world: World, report: Report): void => {
  for (const { limits, received, target } of world.indexes.all()) {
    if (limits.inFlight > 1) continue
    const highest = new Map<string, { readonly offset: number; readonly claim: number }>()
    const seen = new Set<string>()
    for (const { at, offset, send } of received) {
      // It came when its sender had long given it up.
      if (at > send.answeredAt || at > send.interruptedAt) continue
      const leg = `${send.destination}/${send.lane}`
      const before = highest.get(leg)
      const isFirst = !seen.has(`${leg} ${offset}`)
      seen.add(`${leg} ${offset}`)
      if (before === undefined || offset > before.offset) highest.set(leg, { offset, claim: send.claim })
      else if (isFirst && before.claim === send.claim && !wasSentBefore(world, send, offset)) {
        report("order", `${target} takes ${leg} ${offset} after ${before.offset}`)
      }
    }
  }
}

const wasSentBefore = ({ indexes }: World, { destination, id, lane }: Send, offset: number): boolean =>
  indexes.sends.some((other) =>
    other.id < id && other.destination === destination && other.lane === lane
    && other.items.some((item) => item.offset === offset)
  )

export const checkLives = (world: World, report: Report): void => {
  for (const life of livesOf(world)) {
    const refused = new Refused()
    walk(life, refused, report)
    refused.check(world, life, report)
    checkTakeover(world, life, report)
    checkPace(world, life, report)
  }
  checkTaken(world, report)
}

/**
 * How a leg goes on: one request alone at first, what was not taken before anything new, and nothing at all while the
 * receiver has asked for a pause.
 */
import type { Send } from "../world/Indexes.ts"
import type { World } from "../world/World.ts"
import type { Report } from "./Legs.ts"
import { type Life, momentsOf, toldOf } from "./Life.ts"

/** What was begun when an answer came is compressed first, and then sent. */
const compressMillis = 10

/** No more is waited than this: the longest back-off of every run. */
const pauseMax = 8_000

const pauseOf = ({ answer }: Send): number => {
  const asked = answer?._tag === "Transient"
    ? answer.retryAfterMillis
    : answer?._tag === "Partly"
    ? answer.failure?.retryAfterMillis ?? null
    : null
  return Math.min(pauseMax, asked ?? 0)
}

const checkPauses = (world: World, { name, process, sends }: Life, report: Report): void => {
  if (world.jumped.has(process)) return
  for (const send of sends) {
    const until = send.answeredAt + pauseOf(send)
    const early = sends.find((other) =>
      other.opened === send.opened && other.beganAt > send.answeredAt + compressMillis && other.beganAt < until - 1
    )
    if (early !== undefined) {
      report("pause", `${name}: request ${early.id} at ${early.beganAt}, ${send.id} asked for a pause until ${until}`)
    }
  }
}

const checkFirst = ({ name, sends: [first, second] }: Life, report: Report): void => {
  if (first === undefined || second === undefined) return
  if (second.beganAt < Math.min(first.answeredAt, first.interruptedAt)) {
    report("one at first", `${name}: request ${second.id} begins before ${first.id} is answered`)
  }
}

/** Expired, or refused by the encoder when it was its turn again. */
const isGone = ({ history, indexes }: World, { destination, lane }: Life, offset: number): boolean =>
  indexes.refusals.some((one) => one.destination === destination && one.lane === lane && one.offset === offset)
  || history.ledger.some(({ event, ...entry }) =>
    entry.lane === lane && event._tag === "RecordsExpired" && event.destination === destination
    && event.from <= offset && offset < event.to
  )

const checkOld = (world: World, life: Life, report: Report): void => {
  const left = new Map<number, number>()
  let highest = -1
  for (const { at, kind, send } of momentsOf(life)) {
    if (kind === "answered") {
      const told = toldOf(send)
      send.items.forEach(({ offset }, index) => {
        if (told[index] === "again" || told[index] === "unknown") left.set(offset, at)
      })
      continue
    }
    for (const { offset } of send.items) left.delete(offset)
    const last = send.items.at(-1)?.offset ?? -1
    if (last <= highest) continue
    highest = last
    for (const [offset, since] of left) {
      if (offset >= last || since >= at - compressMillis || isGone(world, life, offset)) continue
      report("order", `${life.name}: request ${send.id} brings ${last}, though ${offset} was to be sent again`)
    }
  }
}

export const checkPace = (world: World, life: Life, report: Report): void => {
  checkFirst(life, report)
  checkPauses(world, life, report)
  checkOld(world, life, report)
}

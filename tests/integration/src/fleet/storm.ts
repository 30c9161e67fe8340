/**
 * Kills by lot, of every kind of process, while records flow; workers only when every lane is served again. Now and
 * then a worker is stopped instead until others have its lanes: it goes on without knowing what it lost.
 */
import type { Lane } from "@tailrace/log"
import { Clock, Effect } from "effect"
import { eventually } from "../eventually.ts"
import { heldMoment, type Holding } from "../kill/HeldAnswer.ts"
import { isServing } from "../kill/Life.ts"
import { ownerOf, type SeenClaim } from "./ClaimWatch.ts"
import { type Fleet, lanes } from "./fleetSettings.ts"
import { type Kill, kill, type Seat } from "./Seat.ts"
import type { Loss, WorkerKill } from "./takeover.ts"

export interface Storm extends Holding {
  readonly fleet: Fleet
  readonly claims: Array<SeenClaim>
  readonly workerKills: Array<WorkerKill>
  /** Workers that were stopped. */
  readonly freezes: Array<Loss>
  readonly otherKills: Array<Kill>
}

const pidOf = ({ life }: Seat): number => life?.program.pid ?? -1

/** The lanes of each worker that lives. */
const holdings = ({ claims, fleet: { guest, workers } }: Storm) => {
  const owned = (seat: Seat): ReadonlyArray<Lane> =>
    Array.from({ length: lanes }, (_, lane) => lane).filter((lane) => ownerOf(claims, lane) === pidOf(seat))
  return [...workers, guest].map((seat) => ({ seat, lanes: owned(seat) })).filter(({ lanes }) => lanes.length > 0)
}

const areAllThere = ({ fleet }: Storm): boolean =>
  fleet.workers.every(({ life }) => life !== undefined && isServing(life))

/** Waits until the last takeover has ended and nobody is only starting; answers who owns what. */
export const allServed = (storm: Storm) =>
  eventually(Effect.sync(() => areAllThere(storm) ? holdings(storm).flatMap((held) => held.lanes) : []), {
    what: "all workers, and an owner for every lane",
    seconds: 90,
    holds: (served) => served.length === lanes
  }).pipe(Effect.orDie, Effect.map(() => holdings(storm)))

/** When a worker is to die: mostly while the store's answer to an upload is on its way. */
const workerMoment = (storm: Storm) =>
  storm.lots.percent(75) ? heldMoment(storm) : Effect.sleep(storm.lots.between(0, 4_000))

interface Victim {
  readonly seat: Seat
  readonly lanes: ReadonlyArray<Lane>
}

const killIt = Effect.fnUntraced(function*({ workerKills }: Storm, { lanes, seat }: Victim) {
  const dead = yield* kill(seat)
  if (dead !== undefined) workerKills.push({ ...dead, lanes })
})

/** Stands still until somebody else serves its lanes. */
const freeze = Effect.fnUntraced(function*({ claims, freezes }: Storm, { lanes, seat }: Victim) {
  if (seat.life === undefined) return
  const { program } = seat.life
  const { pid } = program
  const at = yield* Clock.currentTimeMillis
  program.signal("SIGSTOP")
  yield* eventually(Effect.sync(() => lanes.filter((lane) => ownerOf(claims, lane) === pid)), {
    what: "an owner for what a worker had that stands still",
    seconds: 90,
    holds: (kept) => kept.length === 0
  }).pipe(Effect.orDie, Effect.ensuring(Effect.sync(() => program.signal("SIGCONT"))))
  freezes.push({ pid, at, lanes })
})

/** Kills, or freezes, a worker that owns lanes, once every lane is served. */
export const strikeWorker = Effect.fnUntraced(function*(storm: Storm) {
  yield* allServed(storm)
  yield* workerMoment(storm)
  const { fleet, lots } = storm
  const candidates = (yield* allServed(storm)).filter(({ seat }) => seat !== fleet.guest)
  const victim = candidates[Math.floor(lots.next() * candidates.length)]
  if (victim !== undefined) yield* lots.percent(15) ? freeze(storm, victim) : killIt(storm, victim)
})

/** Kills one of the others; now and then one that has only begun. */
export const killOther = Effect.fnUntraced(function*(storm: Storm) {
  const { fleet: { control, ingests }, lots, otherKills } = storm
  yield* Effect.sleep(lots.between(5_000, 12_000))
  const seats = [control, ...ingests]
  const seat = seats[Math.floor(lots.next() * seats.length)] ?? control
  const isEarly = seat.life === undefined || !isServing(seat.life)
  if (isEarly && lots.percent(50)) return
  const dead = yield* kill(seat)
  if (dead !== undefined) otherKills.push(dead)
})

/** As long as it lasts, and until there were enough. */
export const rage = (
  storm: Storm,
  wanted: { readonly kills: number; readonly workerKills: number },
  lasts: () => boolean
) => {
  const { otherKills, workerKills } = storm
  const again = (act: Effect.Effect<void>, enough: () => boolean) =>
    Effect.whileLoop({ while: () => lasts() || !enough(), body: () => act, step: () => undefined })
  return Effect.all([
    again(strikeWorker(storm), () => workerKills.length >= wanted.workerKills),
    again(killOther(storm), () => workerKills.length + otherKills.length >= wanted.kills)
  ], { concurrency: "unbounded", discard: true })
}

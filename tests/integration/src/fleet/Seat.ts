/** A place in the fleet that one process after the other holds: when one is killed, the next begins at once. */
import { Clock, Effect } from "effect"
import type { Ended } from "../app/Program.ts"
import type { Settings } from "../app/Tailrace.ts"
import { beginLife, isServing, type Life, noVitals, type Vitals } from "../kill/Life.ts"

export type App = "control" | "delivery" | "ingest"

export interface Seat {
  readonly app: App
  readonly url: string
  readonly settings: Settings
  readonly vitals: Vitals
  /** Whoever holds it now. */
  life: Life | undefined
  /** Nobody follows. */
  isClosing: boolean
}

export const makeSeat = (app: App, settings: Settings): Seat => ({
  app,
  url: `http://${settings["TAILRACE_LISTEN"]}`,
  settings,
  vitals: noVitals(),
  life: undefined,
  isClosing: false
})

/** One process was killed. */
export interface Kill {
  readonly app: App
  readonly pid: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly wasServing: boolean
}

/** A process that begins while the broker is away waits, and ends at last: its supervisor starts it again. */
const hasWaited = (life: Life, { code, stderr }: Ended): boolean =>
  code === 1 && !isServing(life) && /^tailrace: .*(refuses connections|waited for \d+ s)/m.test(stderr)

const hold = Effect.fnUntraced(function*(seat: Seat) {
  const life = yield* beginLife({ file: `apps/${seat.app}/src/main.ts`, settings: seat.settings, vitals: seat.vitals })
  seat.life = life
  const ended = yield* life.program.ended
  const isMeant = seat.life === undefined || (seat.isClosing && ended.code === 0) || hasWaited(life, ended)
  if (!isMeant) return yield* Effect.die(new Error(`${seat.app} ended with ${ended.code}:\n${ended.stderr}`))
}, Effect.scoped)

/** Until it is closed; dies with the process's complaints when one ends that nobody killed. */
export const occupy = (seat: Seat): Effect.Effect<void> =>
  Effect.suspend(() => seat.isClosing ? Effect.void : Effect.andThen(hold(seat), occupy(seat)))

/** Answers nothing if it was dead already. */
export const kill = Effect.fnUntraced(function*(seat: Seat) {
  const { life } = seat
  if (life === undefined) return
  seat.life = undefined
  const at = yield* Clock.currentTimeMillis
  const { pid } = life.program
  const dead: Kill = { app: seat.app, pid, at, wasServing: isServing(life) }
  life.program.signal("SIGKILL")
  yield* life.program.ended
  return dead
})

/** With SIGTERM; `occupy` returns when it has ended. */
export const close = (seat: Seat): void => {
  seat.isClosing = true
  seat.life?.program.signal("SIGTERM")
}

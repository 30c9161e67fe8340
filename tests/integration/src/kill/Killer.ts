/**
 * The life of a process that is killed again and again: each life ends at a moment drawn by lot, or while an answer is
 * being held from it, that is between a seal and its delivery.
 */
import { Clock, Effect, Fiber, Option, Queue } from "effect"
import { type NotSeen, type Program, start } from "../app/Program.ts"
import { type Settings } from "../app/Tailrace.ts"
import type { Lots } from "./lots.ts"
import { type HttpProxy, isUpload, type Seen } from "../proxy/HttpProxy.ts"
import { highestResident } from "./ResidentMemory.ts"

export interface Figures {
  kills: number
  /** Kills while an answer was held. */
  amidAnswer: number
  /** Kills before the process served. */
  beforeServing: number
  readonly restartMillis: Array<number>
  /** Bytes, over all lives. */
  highestResident: number
}

export const noFigures = (): Figures => ({
  kills: 0,
  amidAnswer: 0,
  beforeServing: 0,
  restartMillis: [],
  highestResident: 0
})

const main = "apps/tailrace/src/main.ts"
const sampleMillis = 200
/** How long a life waits for an answer to be held by lot, and then for one that is held on purpose. */
const patienceMillis = { lot: 4_000, purpose: 12_000 }

/** A life: the process, and what is measured as long as it runs. */
const beginLife = Effect.fnUntraced(function*(settings: Settings, figures: Figures) {
  const began = yield* Clock.currentTimeMillis
  const program = yield* start({ file: main, env: settings })
  yield* highestResident(program.pid).pipe(
    Effect.map((bytes) => void (figures.highestResident = Math.max(figures.highestResident, bytes))),
    Effect.andThen(Effect.sleep(sampleMillis)),
    Effect.forever,
    Effect.forkScoped
  )
  const serving = yield* program.seen(/ at (https?:\/\/\S+)/, 120).pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.map((now) => void figures.restartMillis.push(now - began)),
    Effect.forkScoped
  )
  return { program, serving }
})

/** A life that ends as it should: with SIGTERM when the work is done, and exit code 0. */
export const orderlyLife = Effect.fn("orderlyLife")(
  function*<A, E, R>(settings: Settings, figures: Figures, work: Effect.Effect<A, E, R>) {
    const { program, serving } = yield* beginLife(settings, figures)
    yield* Fiber.join(serving)
    const result = yield* Effect.raceFirst(work, diedAlone(program))
    program.signal("SIGTERM")
    const { code, stderr } = yield* program.ended
    if (code !== 0) return yield* Effect.die(new Error(`SIGTERM ended the process with ${code}:\n${stderr}`))
    return result
  },
  Effect.scoped
)

/** A process that ends by itself is what these tests are not about, but must see. */
const diedAlone = ({ ended }: Program) =>
  Effect.flatMap(ended, ({ code, stderr }) => Effect.die(new Error(`the process ended with ${code}:\n${stderr}`)))

export interface KillerOptions {
  readonly settings: Settings
  readonly proxy: HttpProxy
  readonly held: Queue.Queue<Seen>
  readonly lots: Lots
  readonly figures: Figures
}

/** Some life, then sudden death. */
export const liveAndDie = Effect.fn("liveAndDie")(function*(options: KillerOptions) {
  const { figures, settings } = options
  const { program, serving } = yield* beginLife(settings, figures)
  const isHeld = yield* Effect.raceFirst(moment(options, Fiber.join(serving)), diedAlone(program))
  program.signal("SIGKILL")
  yield* program.ended
  figures.kills++
  if (isHeld) figures.amidAnswer++
  if (serving.pollUnsafe() === undefined) figures.beforeServing++
}, Effect.scoped)

/** When to die: answers whether an answer was held just then. */
const moment = (options: KillerOptions, serving: Effect.Effect<void, NotSeen>) => {
  const { lots } = options
  const lot = lots.next()
  if (lot < 0.15) return Effect.as(Effect.sleep(lots.between(50, 2_000)), false)
  const later = lot < 0.55 ? Effect.as(Effect.sleep(lots.between(0, 6_000)), false) : heldMoment(options)
  return Effect.andThen(Effect.ignore(serving), later)
}

/** The next answer that is held, if need be because all are from now on. */
const nextHeld = Effect.fnUntraced(function*({ held, lots, proxy }: KillerOptions) {
  const byLot = yield* Effect.timeoutOption(Queue.take(held), patienceMillis.lot)
  if (Option.isSome(byLot)) return true
  const { fate } = proxy
  proxy.fate = (request) => isUpload(request) ? { _tag: "Hold", millis: lots.between(1_000, 3_000) } : { _tag: "Pass" }
  return yield* Queue.take(held).pipe(
    Effect.timeoutOption(patienceMillis.purpose),
    Effect.map(Option.isSome),
    Effect.ensuring(Effect.sync(() => void (proxy.fate = fate)))
  )
})

/** While an answer is on its way that the process will never see. */
const heldMoment = Effect.fnUntraced(function*(options: KillerOptions) {
  yield* Queue.clear(options.held)
  const isHeld = yield* nextHeld(options)
  yield* Effect.sleep(options.lots.between(0, 300))
  return isHeld
})

/** A life of a process that tests kill or end: started with its settings, measured for as long as it runs. */
import { Clock, Effect, Exit, Fiber } from "effect"
import { type NotSeen, type Program, start } from "../app/Program.ts"
import type { Settings } from "../app/Tailrace.ts"
import { highestResident } from "./ResidentMemory.ts"

/** What is measured over all lives. */
export interface Vitals {
  /** From the start of each life to its serving. */
  readonly restartMillis: Array<number>
  /** Bytes. */
  highestResident: number
}

export const noVitals = (): Vitals => ({ restartMillis: [], highestResident: 0 })

export interface Mortal {
  /** `apps/tailrace/src/main.ts` */
  readonly file: string
  readonly settings: Settings
  readonly vitals: Vitals
}

export interface Life {
  readonly program: Program
  /** Ends when it serves. */
  readonly serving: Fiber.Fiber<void, NotSeen>
}

const sampleMillis = 200

/** Killed with SIGKILL when the scope closes. */
export const beginLife = Effect.fnUntraced(function*({ file, settings, vitals }: Mortal) {
  const began = yield* Clock.currentTimeMillis
  const program = yield* start({ file, env: settings })
  yield* highestResident(program.pid).pipe(
    Effect.map((bytes) => void (vitals.highestResident = Math.max(vitals.highestResident, bytes))),
    Effect.andThen(Effect.sleep(sampleMillis)),
    Effect.forever,
    Effect.forkScoped
  )
  const serving: Fiber.Fiber<void, NotSeen> = yield* program.seen(/ at (https?:\/\/\S+)/, 120).pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.map((now) => void vitals.restartMillis.push(now - began)),
    Effect.forkScoped
  )
  const life: Life = { program, serving }
  return life
})

/** A process that ends by itself is what these tests are not about, but must see. */
export const diedAlone = ({ ended }: Program): Effect.Effect<never> =>
  Effect.flatMap(ended, ({ code, stderr }) => Effect.die(new Error(`the process ended with ${code}:\n${stderr}`)))

/** Says whether it serves already. */
export const isServing = ({ serving }: Life): boolean => {
  const exit = serving.pollUnsafe()
  return exit !== undefined && Exit.isSuccess(exit)
}

/** With SIGTERM, and exit code 0. */
export const endInOrder = Effect.fnUntraced(function*({ ended, signal }: Program) {
  signal("SIGTERM")
  const { code, stderr } = yield* ended
  if (code !== 0) return yield* Effect.die(new Error(`SIGTERM ended the process with ${code}:\n${stderr}`))
})

/** A life that ends as it should when the work is done. */
export const orderlyLife = Effect.fn("orderlyLife")(
  function*<A, E, R>(mortal: Mortal, work: Effect.Effect<A, E, R>) {
    const { program, serving } = yield* beginLife(mortal)
    yield* Fiber.join(serving)
    const result = yield* Effect.raceFirst(work, diedAlone(program))
    yield* endInOrder(program)
    return result
  },
  Effect.scoped
)

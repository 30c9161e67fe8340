/**
 * The life of a process that is killed again and again: each life ends at a moment drawn by lot, or while an answer is
 * being held from it, that is between a seal and its delivery.
 */
import { Effect, Fiber } from "effect"
import type { NotSeen } from "../app/Program.ts"
import { heldMoment, type Holding } from "./HeldAnswer.ts"
import { beginLife, diedAlone, isServing, type Mortal, noVitals, type Vitals } from "./Life.ts"

export interface Figures extends Vitals {
  kills: number
  /** Kills while an answer was held. */
  amidAnswer: number
  /** Kills before the process served. */
  beforeServing: number
}

export const noFigures = (): Figures => ({ kills: 0, amidAnswer: 0, beforeServing: 0, ...noVitals() })

export interface KillerOptions extends Holding {
  readonly mortal: Mortal
  readonly figures: Figures
}

/** Some life, then sudden death. */
export const liveAndDie = Effect.fn("liveAndDie")(function*(options: KillerOptions) {
  const { figures, mortal } = options
  const life = yield* beginLife(mortal)
  const { program, serving } = life
  const isHeld = yield* Effect.raceFirst(moment(options, Fiber.join(serving)), diedAlone(program))
  program.signal("SIGKILL")
  yield* program.ended
  figures.kills++
  if (isHeld) figures.amidAnswer++
  if (!isServing(life)) figures.beforeServing++
}, Effect.scoped)

/** When to die: answers whether an answer was held just then. */
const moment = (options: KillerOptions, serving: Effect.Effect<void, NotSeen>) => {
  const { lots } = options
  const lot = lots.next()
  if (lot < 0.15) return Effect.as(Effect.sleep(lots.between(50, 2_000)), false)
  const later = lot < 0.55 ? Effect.as(Effect.sleep(lots.between(0, 6_000)), false) : heldMoment(options)
  return Effect.andThen(Effect.ignore(serving), later)
}

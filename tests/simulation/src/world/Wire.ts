/**
 * One call from a process to something outside of it: it travels, takes effect on the far side, and its answer travels
 * back. Each part may be late or lost, and the caller may be dead by then. Only the stores have calls of their own.
 */
import { Effect, type Exit } from "effect"
import type { Process } from "../engine/Process.ts"
import { immortal } from "../engine/Timeline.ts"
import type { World } from "./World.ts"

export interface Call<A, E> {
  readonly process: Process
  /** What it is, as in `Step`. */
  readonly name: string
  /** Name of the call in the list of faults, for example `claim`. */
  readonly kind: string
  readonly lane?: number | undefined
  readonly destination?: string | undefined
  /** What happens on the far side. */
  readonly serve: Effect.Effect<A, E>
  /** What the caller is told when it is never answered; none: this call is never lost. */
  readonly lost?: ((reason: string) => E) | undefined
  /** What happens when it arrives after the caller has given it up; none: it never does. */
  readonly serveLate?: Effect.Effect<void> | undefined
}

type Fate = "answered" | keyof World["weather"]["log"]

const drawFate = <A, E>(world: World, call: Call<A, E>): Fate => {
  const { log } = world.weather
  const rates = call.serveLate === undefined ? { ...log, landsLate: 0 } : log
  const fate: Fate = world.dice.weighted(
    call.lost === undefined ? { ...rates, requestLost: 0, answerLost: 0 } : rates,
    "answered"
  )
  if (fate !== "answered") world.fault(`${call.kind} ${fateNames[fate]}`, `${call.process.name} ${call.name}`)
  return fate
}

const fateNames = {
  late: "answered late",
  requestLost: "request lost",
  answerLost: "answer lost",
  landsLate: "lands late"
} as const

/** Half the time of a plain round trip, in milliseconds. */
const latency = (world: World): number => 0.1 + world.dice.next() * 0.9

/** How long a late call is under way, or a lost one is waited for. */
const delay = (world: World): number => world.dice.int(500, 9_000)

const finish = <A, E>(
  world: World,
  call: Call<A, E>,
  { exit, fate, resume }: { exit: Exit.Exit<A, E>; fate: Fate; resume: (answer: Effect.Effect<A, E>) => void }
): void => {
  const { lane, destination, name, process } = call
  world.say(`${process.name} ${name} ${exit._tag}`)
  if (!world.step({ process, name, phase: "after", lane, destination })) return
  if (fate === "answerLost" && call.lost !== undefined) {
    const error = call.lost("the answer was lost")
    world.timeline.after(delay(world), process, () => resume(Effect.fail(error)))
  } else {
    const wait = fate === "late" && world.dice.chance(0.5) ? delay(world) : latency(world)
    world.timeline.after(wait, process, () => resume(exit))
  }
}

/** It may have been under way for longer than its sender waited, and than its sender lived. */
const land = <A, E>(world: World, { name, process, serveLate }: Call<A, E>): void => {
  world.timeline.after(delay(world) + delay(world), immortal, () => {
    world.say(`${process.name} ${name} lands late`)
    world.server.fork(serveLate ?? Effect.void)
  })
}

/** Interrupting the caller does not call the request back. */
export const callThrough = <A, E>(world: World, call: Call<A, E>): Effect.Effect<A, E> =>
  Effect.callback((resume) => {
    const { lane, destination, name, process } = call
    if (!process.alive || !world.step({ process, name, phase: "before", lane, destination })) return
    const fate = drawFate(world, call)
    if ((fate === "requestLost" || fate === "landsLate") && call.lost !== undefined) {
      const error = call.lost("the request was lost")
      world.timeline.after(delay(world), process, () => resume(Effect.fail(error)))
      if (fate === "landsLate") land(world, call)
      return
    }
    const wait = fate === "late" ? delay(world) * world.dice.next() : latency(world)
    world.timeline.after(wait, immortal, () => {
      world.server.fork(call.serve).addObserver((exit) => finish(world, call, { exit, fate, resume }))
    })
  })

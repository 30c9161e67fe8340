/** Which process is told to serve which lane, and when. What it is told may be late, and two may be told the same. */
import type { Lane, LogError, Ownership as Change } from "@tailrace/log"
import { Effect, Stream } from "effect"
import type { Process } from "../engine/Process.ts"
import type { World } from "./World.ts"

interface Ear {
  readonly told: Array<Change>
  /** Lanes that the process believes to be its own, by what it was told. */
  readonly lanes: Set<Lane>
  wake: (() => void) | undefined
}

export class Ownership {
  readonly #world: World
  readonly #ears = new Map<Process, Ear>()

  constructor(world: World) {
    this.#world = world
  }

  /** Lanes that the process was last told to serve. */
  lanesOf(process: Process): ReadonlySet<Lane> {
    return this.#ear(process).lanes
  }

  tell(process: Process, change: Partial<Change>): void {
    const ear = this.#ear(process)
    const gained = (change.gained ?? []).filter((lane) => !ear.lanes.has(lane))
    const lost = (change.lost ?? []).filter((lane) => ear.lanes.has(lane))
    if (gained.length + lost.length === 0 && ear.told.length > 0) return
    for (const lane of gained) ear.lanes.add(lane)
    for (const lane of lost) ear.lanes.delete(lane)
    this.#world.say(`owned ${process.name} gained ${gained.join()} lost ${lost.join()}`)
    ear.told.push({ gained, lost })
    // In the process's own time, not in the teller's.
    this.#world.timeline.soon(process, () => ear.wake?.())
  }

  stream(process: Process): Stream.Stream<Change, LogError> {
    const ear = this.#ear(process)
    let heard = 0
    let first = true
    const pull: Effect.Effect<readonly [Change], LogError> = Effect.suspend(() => {
      if (first) {
        first = false
        heard = ear.told.length
        return Effect.succeed([{ gained: [...ear.lanes], lost: [] }] as const)
      }
      const change = ear.told[heard]
      if (change !== undefined) {
        heard++
        return Effect.succeed([change] as const)
      }
      return Effect.flatMap(this.#woken(ear), () => pull)
    })
    return Stream.fromPull(Effect.succeed(pull))
  }

  #woken(ear: Ear): Effect.Effect<void> {
    return Effect.callback((resume) => {
      ear.wake = () => {
        ear.wake = undefined
        resume(Effect.void)
      }
    })
  }

  #ear(process: Process): Ear {
    const known = this.#ears.get(process)
    if (known !== undefined) return known
    const ear: Ear = { told: [], lanes: new Set(), wake: undefined }
    this.#ears.set(process, ear)
    return ear
  }
}

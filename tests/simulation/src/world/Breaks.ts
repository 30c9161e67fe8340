/** What must not happen to a topic, and does: its end is cut off, or it is made anew; then it grows beyond that. */
import type { Prng } from "../engine/Prng.ts"
import { immortal } from "../engine/Timeline.ts"
import type { Producers } from "./Producers.ts"
import type { Scene } from "./Scene.ts"

export interface BrokenTopic {
  /** Simulation time, in milliseconds. */
  readonly at: number
  readonly how: "truncate" | "recreate"
  /** So many milliseconds later it has grown beyond its old end; null: nobody sees to that. */
  readonly growsAfter: number | null
  /** Who serves the lane then is killed: the next one knows only what is durable. */
  readonly kills: boolean
}

export const drawBreak = (prng: Prng, chaosMillis: number): BrokenTopic => ({
  at: prng.int(20_000, chaosMillis - 10_000),
  how: prng.pick(["truncate", "recreate"]),
  growsAfter: prng.chance(0.8) ? prng.pick([0, 100, prng.int(1_000, 40_000)]) : null,
  kills: prng.chance(0.5)
})

interface Place {
  readonly lane: number
  readonly tailnet: string
}

interface Breaking {
  readonly scene: Scene
  readonly producers: Producers
  readonly plan: BrokenTopic & Place
}

const grow = ({ plan: { kills, lane, tailnet }, producers, scene }: Breaking, end: number): void => {
  const { fleet, world } = scene
  const { next } = world.boundsNow("audit", lane)
  const count = Math.max(1, end - next + world.dice.int(1, 9))
  producers.appendNow(lane, { tailnet, logType: "configuration", count })
  world.fault("topic grown again", `audit/${lane}`)
  const owner = fleet.ownerOf(lane)
  if (kills && owner !== undefined) fleet.kill(owner)
}

/** Breaks the lane's audit topic, if there is anything in it. */
export const breakTopic = (breaking: Breaking): void => {
  const { plan: { growsAfter, how, lane }, scene: { world } } = breaking
  const { earliest, next: end } = world.boundsNow("audit", lane)
  if (end - earliest < 2) return
  const to = how === "recreate" ? 0 : earliest + Math.floor((end - earliest) * world.dice.next())
  if (how === "recreate") world.memory.recreate("audit", lane)
  else world.memory.truncate("audit", lane, to)
  world.history.forget("audit", lane, to)
  world.broken.set(lane, { at: world.timeline.now, to, end })
  world.fault(how === "recreate" ? "topic made anew" : "topic truncated", `audit/${lane} to ${to}`)
  if (growsAfter === null) return
  world.timeline.after(growsAfter, immortal, () => grow(breaking, end))
}

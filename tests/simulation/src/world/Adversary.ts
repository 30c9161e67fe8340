/**
 * Does harm at the worst moment: it watches every port call and, at the one it waits for, kills the caller, gives its
 * lane away, changes the destination, lets records expire, or spoils the bucket.
 */
import type { Prng } from "../engine/Prng.ts"
import { immortal } from "../engine/Timeline.ts"
import type { Bucket } from "./Buckets.ts"
import type { Desk, Wanted } from "./Desk.ts"
import type { Fleet } from "./Fleet.ts"
import { targetOf } from "./SimStores.ts"
import { topicOf } from "@tailrace/domain"
import type { Step, World } from "./World.ts"

export interface Scene {
  readonly world: World
  readonly fleet: Fleet
  readonly desk: Desk
}

export const acts = [
  "kill",
  "steal",
  "pingPong",
  "keep",
  "stop",
  "target",
  "credentials",
  "codec",
  "prefix",
  "replace",
  "delete",
  "pause",
  "test",
  "expire",
  "forbidHead",
  "bucketGone",
  "refuseSecret",
  "outage",
  "silence",
  "clockJump",
  "marker",
  "hold"
] as const
export type Act = (typeof acts)[number]

/** What to wait for: the `nth` call whose name begins so, in this phase. */
export interface Trigger {
  readonly name: string
  readonly phase: Step["phase"]
  nth: number
  readonly act: Act
}

const moments = [
  "claim",
  "commit LaneClaimed",
  "commit BatchSealed",
  "commit BatchDelivered",
  "commit BatchQuarantined",
  "commit SealAbandoned",
  "commit AttemptFailed",
  "commit positions",
  "commit AuditProjected",
  "commit ConfigAdopted",
  "commit Suspended",
  "put",
  "inspect",
  "compress",
  "spool",
  "pull audit",
  "pull flow",
  "pull control",
  "pull ledger",
  "pull positions"
] as const

/** Moments around a seal are the interesting ones. */
const sealMoments = ["commit BatchSealed", "commit BatchDelivered", "put"] as const

export const drawTrigger = (prng: Prng, act: Act): Trigger => ({
  name: prng.chance(0.6) ? prng.pick(sealMoments) : prng.pick(moments),
  phase: prng.chance(0.6) ? "after" : "before",
  nth: prng.int(1, 6),
  act
})

const openSeal = ({ world }: Scene, wanted: Wanted): boolean => {
  for (const leg of world.history.openSeals.keys()) if (leg.startsWith(`${wanted.id}/`)) return true
  return false
}

const noteChange = (scene: Scene, what: string, wanted: Wanted): void =>
  scene.world.fault(openSeal(scene, wanted) ? `${what} with an open seal` : what, wanted.id)

/** Spoils the bucket for a while. */
const forAWhile = ({ world }: Scene, spoil: () => void, mend: () => void): void => {
  spoil()
  world.timeline.after(world.dice.int(1_000, 90_000), immortal, mend)
}

const change = (scene: Scene, act: Act, wanted: Wanted): void => {
  const { desk, world } = scene
  const { dice } = world
  switch (act) {
    case "target":
      noteChange(scene, "target changed", wanted)
      return desk.run(desk.change(wanted, { kind: "target", bucket: dice.pick(["one", "two", "three"]) }))
    case "credentials":
      noteChange(scene, "credentials changed", wanted)
      return desk.run(desk.change(wanted, { kind: "credentials" }))
    case "codec":
      noteChange(scene, "codec changed", wanted)
      return desk.run(desk.change(wanted, { kind: "codec", codec: dice.pick(["none", "zstd", "gzip"]) }))
    case "prefix":
      noteChange(scene, "prefix changed", wanted)
      return desk.run(desk.change(wanted, { kind: "prefix", keyPrefix: dice.pick(["", "logs/", "a-"]) }))
    case "replace":
      noteChange(scene, "destination replaced", wanted)
      return desk.run(desk.replace(wanted))
    case "delete":
      noteChange(scene, "destination deleted", wanted)
      return desk.run(desk.remove(wanted))
    case "pause":
      noteChange(scene, "destination paused", wanted)
      desk.run(desk.setPaused(wanted, true))
      world.timeline.after(dice.int(1_000, 60_000), immortal, () => desk.run(desk.setPaused(wanted, false)))
      return
    case "test":
      return desk.run(desk.test(wanted))
    default:
      return
  }
}

const spoil = (scene: Scene, act: Act, wanted: Wanted): void => {
  const { desk, world } = scene
  const bucket: Bucket = world.buckets.at(targetOf(wanted.config))
  switch (act) {
    case "forbidHead":
      world.fault("HEAD forbidden all of a sudden", bucket.target)
      return forAWhile(scene, () => void (bucket.head = "forbidden"), () => {
        if (!bucket.headless) bucket.head = "allowed"
      })
    case "bucketGone":
      world.fault("bucket gone and back", bucket.target)
      return forAWhile(scene, () => void (bucket.exists = false), () => void (bucket.exists = true))
    case "outage":
      return forAWhile(scene, () => void (bucket.outage = "error"), () => void (bucket.outage = "none"))
    case "silence":
      return forAWhile(scene, () => void (bucket.outage = "silence"), () => void (bucket.outage = "none"))
    case "refuseSecret": {
      bucket.refused.add(desk.secretOf(wanted))
      world.timeline.after(world.dice.int(1_000, 60_000), immortal, () => {
        if (!wanted.deleted) desk.run(desk.change(wanted, { kind: "credentials" }))
      })
      return
    }
    default:
      return
  }
}

/** Lets records of the destination's topic expire, an open seal's too. */
const expire = ({ world }: Scene, lane: number, wanted: Wanted): void => {
  const { earliest, next } = world.boundsNow(topicOf[wanted.logType], lane)
  const seal = world.history.openSeals.get(`${wanted.id}/${lane}`)
  const before = seal === undefined
    ? world.dice.int(earliest, next)
    : world.dice.pick([seal.from, seal.from + 1, seal.to, next] as const)
  if (before <= earliest) return
  world.fault(
    seal !== undefined && before > seal.from ? "retention overtakes a seal" : "retention overtakes a leg",
    `${before}`
  )
  world.expire(topicOf[wanted.logType], lane, before)
}

const pingPong = ({ fleet, world }: Scene, lane: number): void => {
  world.fault("claims in ping-pong", `lane ${lane}`)
  for (let turn = 0; turn < 6; turn++) {
    world.timeline.after(turn * world.dice.int(20, 2_000), immortal, () => {
      const to = fleet.another(lane)
      if (to !== undefined) fleet.move(lane, to, world.dice.pick([0, 50, 5_000]))
    })
  }
}

const disturb = (scene: Scene, act: Act, { lane, step }: { readonly lane: number; readonly step: Step }): void => {
  const { fleet, world } = scene
  const { dice } = world
  switch (act) {
    case "kill":
      world.fault(`crash ${step.phase} ${step.name.split(" ").slice(0, 2).join(" ")}`)
      return fleet.kill(step.process)
    case "steal": {
      const to = fleet.another(lane)
      if (to === undefined) return
      world.fault(`lane taken ${step.phase} ${step.name.split(" ").slice(0, 2).join(" ")}`)
      return fleet.move(lane, to, dice.pick([0, 1_000, 30_000, 300_000]))
    }
    case "pingPong":
      return pingPong(scene, lane)
    case "keep":
      return fleet.keep(lane)
    case "stop":
      return fleet.stop(step.process)
    case "clockJump":
      world.fault("clock jumps a day", step.process.name)
      step.process.wallOffset += dice.pick([-1, 1]) * 86_400_000
      return
    case "marker":
      return world.memory.leaveOut(dice.pick(["audit", "flow"]), lane, dice.int(1, 50))
    case "hold": {
      world.fault("foreign transaction hangs", `lane ${lane}`)
      const release = world.memory.hold(dice.pick(["audit", "flow"]), lane)
      world.timeline.after(dice.int(1_000, 40_000), immortal, release)
      return
    }
    default:
      return
  }
}

const destinationOf = (scene: Scene, step: Step): Wanted | undefined =>
  scene.desk.destinations.find((wanted) => wanted.id === step.destination)
    ?? scene.world.dice.pick(scene.desk.destinations.filter((wanted) => !wanted.deleted))

export const perform = (scene: Scene, act: Act, step: Step): void => {
  const lane = step.lane ?? scene.world.dice.int(0, scene.world.lanes - 1)
  disturb(scene, act, { lane, step })
  const wanted = destinationOf(scene, step)
  if (wanted === undefined) return
  if (act === "expire") return expire(scene, lane, wanted)
  change(scene, act, wanted)
  spoil(scene, act, wanted)
}

/** Carries the triggers out; each fires once. */
export const watch = (scene: Scene, triggers: Array<Trigger>): void => {
  const { fleet, world } = scene
  world.onStep = (step) => {
    for (const [index, trigger] of triggers.entries()) {
      if (trigger.phase !== step.phase || !step.name.startsWith(trigger.name)) continue
      if (!fleet.alive.includes(step.process) || --trigger.nth > 0) continue
      triggers.splice(index, 1)
      world.say(`act ${trigger.act} ${step.phase} ${step.name} of ${step.process.name}`)
      return perform(scene, trigger.act, step)
    }
  }
}

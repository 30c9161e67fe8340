/** Harm that comes from machines: processes die, lanes change hands, clocks jump, the log expires, hangs or fills. */
import { isStore, topicOf } from "@tailrace/domain"
import { immortal } from "../engine/Timeline.ts"
import type { Wanted } from "./Desk.ts"
import type { Act, Scene } from "./Scene.ts"
import { snapshotsOf } from "./Snapshots.ts"
import type { Step } from "./World.ts"

/** Lets records of the destination's topic expire, an open seal's too. */
export const expireRecords = ({ world }: Scene, lane: number, wanted: Wanted): void => {
  const { earliest, next } = world.boundsNow(topicOf[wanted.logType], lane)
  const seal = world.history.openSeals.get(`${wanted.id}/${lane}`)
  const before = seal === undefined
    ? world.dice.int(earliest, next)
    : world.dice.pick([seal.from, seal.from + 1, seal.to, next] as const)
  if (before <= earliest) return
  const toReceiver = !isStore(wanted.config)
  const quiet = seal === undefined && !world.history.cursors.has(`${wanted.id}/${lane}`)
  const overtaken = seal !== undefined && before > seal.from ? "a seal" : quiet ? "a quiet leg" : toReceiver
    ? "a receiver's cursor"
    : "a cursor"
  world.fault(`retention overtakes ${overtaken}`, `${before}`)
  world.expire(topicOf[wanted.logType], lane, before)
}

/** Everything in the ledger that a snapshot makes superfluous, or a part of it; and older snapshots. */
const expireLedger = ({ world }: Scene, lane: number): void => {
  const { earliest } = world.boundsNow("ledger", lane)
  const known = snapshotsOf(world, lane).at(-1)?.positions.ledger ?? 0
  if (known <= earliest) return
  world.fault("retention of the ledger", `lane ${lane}`)
  world.expire("ledger", lane, world.dice.pick([known, world.dice.int(earliest + 1, known)] as const))
  world.memory.compact("positions", lane)
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

/** For example `commit BatchSealed`, `pull audit`, `claim`. */
const momentOf = ({ name }: Step): string => {
  const [call = "", what = ""] = name.split(" ")
  return call === "commit" || call === "pull" ? `${call} ${what}` : call
}

export const disturb = (
  scene: Scene,
  act: Act,
  { lane, step }: { readonly lane: number; readonly step: Step }
): void => {
  const { fleet, world } = scene
  const { dice } = world
  switch (act) {
    case "kill":
      world.fault(`crash ${step.phase} ${momentOf(step)}`)
      return fleet.kill(step.process)
    case "steal": {
      const to = fleet.another(lane)
      if (to === undefined) return
      world.fault(`lane taken ${step.phase} ${momentOf(step)}`)
      return fleet.move(lane, to, dice.pick([0, 1_000, 30_000, 300_000]))
    }
    case "pingPong":
      return pingPong(scene, lane)
    case "keep":
      return fleet.keep(lane)
    case "stop":
      return fleet.stop(step.process)
    case "freeze":
      return fleet.freeze(step.process)
    case "lease":
      return fleet.expireLease(step.process)
    case "expireLedger":
      return expireLedger(scene, lane)
    case "clockJump":
      world.fault("clock jumps a day", step.process.name)
      world.jumped.add(step.process.name)
      step.process.wallOffset += dice.pick([-1, 1]) * 86_400_000
      return
    case "marker":
      return world.memory.leaveOut(dice.pick(["audit", "flow"]), lane, dice.int(1, 50))
    case "logFull":
      world.fault("log full")
      world.memory.setFull(true)
      world.timeline.after(dice.int(500, 20_000), immortal, () => world.memory.setFull(false))
      return
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

/**
 * Does harm at the worst moment: it watches every port call and, at the one it waits for, kills the caller, gives its
 * lane away, changes the destination, lets records expire, or spoils the bucket.
 */
import type { Prng } from "../engine/Prng.ts"
import type { Wanted } from "./Desk.ts"
import { disturb, expireRecords } from "./Disturbance.ts"
import { changeDestination, spoilPlace } from "./Harm.ts"
import type { Act, Scene } from "./Scene.ts"
import type { Step } from "./World.ts"

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

const receiverMoments = [
  "send",
  "probe",
  "commit RecordsDelivered",
  "commit AttemptFailed",
  "commit Suspended",
  "commit Probed",
  "compress"
] as const

/** Moments around a request are the interesting ones. */
const sendMoments = ["send", "send", "commit RecordsDelivered"] as const

export const drawReceiverTrigger = (prng: Prng, act: Act): Trigger => ({
  name: prng.chance(0.7) ? prng.pick(sendMoments) : prng.pick(receiverMoments),
  phase: prng.chance(0.6) ? "after" : "before",
  nth: prng.int(1, 10),
  act
})

export const drawTrigger = (prng: Prng, act: Act): Trigger => ({
  name: prng.chance(0.6) ? prng.pick(sealMoments) : prng.pick(moments),
  phase: prng.chance(0.6) ? "after" : "before",
  nth: prng.int(1, 6),
  act
})

const destinationOf = (scene: Scene, step: Step): Wanted | undefined =>
  scene.desk.destinations.find((wanted) => wanted.id === step.destination)
    ?? scene.world.dice.pick(scene.desk.destinations.filter((wanted) => !wanted.deleted))

export const perform = (scene: Scene, act: Act, step: Step): void => {
  const lane = step.lane ?? scene.world.dice.int(0, scene.world.lanes - 1)
  disturb(scene, act, { lane, step })
  const wanted = destinationOf(scene, step)
  if (wanted === undefined) return
  if (act === "expire") return expireRecords(scene, lane, wanted)
  changeDestination(scene, act, wanted)
  spoilPlace(scene, act, wanted)
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

/** Harm that comes from people and from stores: changes of a destination at the wrong moment, and buckets that fail. */
import { type DestinationConfig, isStore } from "@tailrace/domain"
import { immortal } from "../engine/Timeline.ts"
import type { Bucket } from "./Buckets.ts"
import { receiverConfig, storeConfig } from "./Configs.ts"
import type { Wanted } from "./Desk.ts"
import { spoilIndex } from "./HarmReceiver.ts"
import type { Act, Scene } from "./Scene.ts"
import { targetOf } from "./SimStores.ts"

const openSeal = ({ world }: Scene, wanted: Wanted): boolean => {
  for (const leg of world.history.openSeals.keys()) if (leg.startsWith(`${wanted.id}/`)) return true
  return false
}

const noteChange = (scene: Scene, what: string, wanted: Wanted): void => {
  const underWay = scene.world.indexes.underWay(wanted.id).length > 0
  const when = openSeal(scene, wanted) ? " with an open seal" : underWay ? " with requests under way" : ""
  scene.world.fault(`${what}${when}`, wanted.id)
}

/** A destination of the other kind, or one like it. */
const replacement = ({ world }: Scene, { config }: Wanted): DestinationConfig => {
  if (!world.hasReceivers || world.dice.chance(isStore(config) ? 0.2 : 0.5)) return config
  world.fault(isStore(config) ? "store replaced by a receiver" : "receiver replaced by a store")
  return isStore(config) ? receiverConfig("one") : storeConfig("one", "")
}

/** Spoils the bucket for a while. */
const forAWhile = ({ world }: Scene, spoil: () => void, mend: () => void): void => {
  spoil()
  world.timeline.after(world.dice.int(1_000, 90_000), immortal, mend)
}

export const changeDestination = (scene: Scene, act: Act, wanted: Wanted): void => {
  const { desk, world } = scene
  const { dice } = world
  switch (act) {
    case "target":
      noteChange(scene, "target changed", wanted)
      return desk.run(desk.change(wanted, { kind: "target", place: dice.pick(["one", "two", "three"]) }))
    case "orphan":
      // The requests under way and the one try at the old target: they land when nobody waits for them any more.
      noteChange(scene, "target changed", wanted)
      world.latePuts = 3
      return desk.run(desk.change(wanted, { kind: "target", place: dice.pick(["one", "two", "three"]) }))
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
      return desk.run(desk.replace(wanted, replacement(scene, wanted)))
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

export const spoilPlace = (scene: Scene, act: Act, wanted: Wanted): void =>
  isStore(wanted.config) ? spoilBucket(scene, act, wanted) : spoilIndex(scene, act, wanted)

const spoilBucket = (scene: Scene, act: Act, wanted: Wanted): void => {
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

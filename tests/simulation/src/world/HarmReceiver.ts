/** Harm that comes from receivers: outages, refusals, credentials that work no more, probes that fail. */
import { immortal } from "../engine/Timeline.ts"
import type { Wanted } from "./Desk.ts"
import type { Act, Scene } from "./Scene.ts"
import { targetOf } from "./SimStores.ts"

export const spoilIndex = ({ desk, world }: Scene, act: Act, wanted: Wanted): void => {
  const index = world.indexes.at(targetOf(wanted.config))
  const forAWhile = (spoil: () => void, mend: () => void): void => {
    world.fault(`receiver: ${act}`, index.target)
    spoil()
    world.timeline.after(world.dice.int(1_000, 60_000), immortal, mend)
  }
  switch (act) {
    case "outage":
      return forAWhile(() => void (index.outage = "error"), () => void (index.outage = "none"))
    case "silence":
      return forAWhile(() => void (index.outage = "silence"), () => void (index.outage = "none"))
    case "refuseAll":
      return forAWhile(() => void (index.refusesAll = true), () => void (index.refusesAll = false))
    case "slow":
      return forAWhile(() => void (index.slowness = 3_000), () => void (index.slowness = 0))
    case "probeFails":
      index.refused.add(desk.secretOf(wanted))
      world.timeline.after(world.dice.int(1_000, 20_000), immortal, () => index.refused.clear())
      return forAWhile(() => void (index.probeFails = true), () => void (index.probeFails = false))
    case "refuseSecret": {
      const secret = desk.secretOf(wanted)
      return forAWhile(() => void index.refused.add(secret), () => {
        // Either the credentials are made anew, or the old ones work again.
        if (wanted.deleted || world.dice.chance(0.3)) index.refused.delete(secret)
        else desk.run(desk.change(wanted, { kind: "credentials" }))
      })
    }
    default:
      return
  }
}

/** A leg of the kind that its destination's type needs; a type never changes kind within one destination. */
import { type Destination, isStore } from "@tailrace/domain"
import type { LaneTopic } from "../read/LaneTopic.ts"
import { ReceiverLeg } from "../receiving/ReceiverLeg.ts"
import { StoreLeg } from "../storing/StoreLeg.ts"
import type { Leg, LegServices } from "./Leg.ts"

export const makeLeg = (destination: Destination, topic: LaneTopic, services: LegServices): Leg => {
  const version = destination.versions.at(-1)
  const isToStore = version === undefined || isStore(version.config)
  return isToStore ? new StoreLeg(destination, topic, services) : new ReceiverLeg(destination, topic, services)
}

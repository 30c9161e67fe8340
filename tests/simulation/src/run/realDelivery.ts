/** The code under test: one delivery process as production builds it, under the bounds of a run. */
import { defaultLimits, Delivery, DeliveryLimits, LegObserver } from "@tailrace/delivery"
import { Effect, Layer } from "effect"
import type { Subject } from "./simulate.ts"

export const realDelivery: Subject["delivery"] = ({ limits, name, started, visited }) =>
  Layer.effectDiscard(Effect.map(Delivery, ({ memory }) => started(memory))).pipe(
    Layer.provide(Delivery.layer({ name })),
    Layer.provide(Layer.succeed(LegObserver, { visited })),
    Layer.provide(Layer.succeed(DeliveryLimits, { ...defaultLimits, ...limits }))
  )

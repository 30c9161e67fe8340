/** Delivery as a process of its own: owns lanes, and brings their records to the destinations. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { announce, Foundation, Logs, serving, Settings, UnknownPaths } from "@tailrace/process"
import { Delivering } from "@tailrace/process/delivering"
import { Effect, Layer } from "effect"

/** HTTP is for health and metrics only. */
const services = serving(UnknownPaths).pipe(
  Layer.provide(Delivering.readiness),
  Layer.provideMerge(Delivering.layer)
)

/** Runs until it is interrupted. */
export const program = Effect.andThen(announce, Foundation.untilFailure).pipe(
  Effect.provide(services.pipe(
    Layer.provideMerge(Foundation.layer),
    Layer.provideMerge(Settings.layer("delivery")),
    Layer.provideMerge(Layer.merge(NodeServices.layer, Logs.layer))
  ))
)

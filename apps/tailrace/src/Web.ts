/** Everything that is served over HTTP, on one router. */
import { AllowedEndpoints, Authentication, ControlRoutes, Readiness } from "@tailrace/control"
import { Delivery } from "@tailrace/delivery"
import { IngestLimits, IngestRoutes } from "@tailrace/ingest"
import { Log } from "@tailrace/log"
import { Effect, Layer } from "effect"
import { HttpRouter } from "effect/http"
import { allowedRanges } from "./Foundation.ts"
import * as Listen from "./Listen.ts"
import { Settings } from "./Settings.ts"

/** Ready when every lane is served. */
const readiness = Layer.effect(
  Readiness,
  Effect.gen(function*() {
    const delivery = yield* Delivery
    const { lanes } = yield* Log
    const problems = Effect.map(delivery.lanes, (states) =>
      Array.from({ length: lanes }, (_, lane) => lane)
        .filter((lane) => states.get(lane) !== "serving")
        .map((lane) => `lane ${lane} is not served: ${states.get(lane) ?? "not owned"}`))
    return Readiness.of({ problems })
  })
)

/** The largest body that may be posted; the memory for all of them together is ingest's own bound. */
const ingestLimits = Layer.effect(
  IngestLimits,
  Effect.gen(function*() {
    const { limits } = yield* Settings
    const usual = yield* IngestLimits
    const budgetBytes = Math.max(usual.budgetBytes, limits.requestSize)
    return { ...usual, maxBodyBytes: limits.requestSize, budgetBytes }
  })
)

const routes = Layer.mergeAll(ControlRoutes, IngestRoutes).pipe(
  Layer.provide([ingestLimits, Authentication.layer, readiness, Layer.effect(AllowedEndpoints, allowedRanges)])
)

/** Answers requests as long as it lives; `HttpServer` stays visible for its address. */
export const layer = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(Listen.layer)
)

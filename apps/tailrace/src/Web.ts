/** Everything that is served over HTTP, on one router. */
import { AllowedEndpoints, Authentication, ControlRoutes } from "@tailrace/control"
import { IngestRoutes } from "@tailrace/ingest"
import { Foundation, serving } from "@tailrace/process"
import { Delivering } from "@tailrace/process/delivering"
import { ingestLimits } from "@tailrace/process/ingesting"
import { Layer } from "effect"

const routes = Layer.mergeAll(ControlRoutes, IngestRoutes).pipe(
  Layer.provide([
    ingestLimits,
    Authentication.layer,
    Foundation.awsIdentity,
    Layer.effect(AllowedEndpoints, Foundation.allowedRanges)
  ])
)

/** Answers requests as long as it lives; ready when the lanes are served. */
export const layer = serving(routes).pipe(Layer.provide(Delivering.readiness))

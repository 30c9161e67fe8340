/** Ingest as a process of its own: takes records by HEC and NDJSON, folds the control log for the tokens. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { IngestRoutes } from "@tailrace/ingest"
import { announce, Foundation, Logs, serving, Settings, UnknownPaths } from "@tailrace/process"
import { ingestLimits, refuseWhenDraining } from "@tailrace/process/ingesting"
import { Effect, Layer } from "effect"

const services = serving(Layer.merge(IngestRoutes, UnknownPaths).pipe(Layer.provide(ingestLimits)))

/** Runs until it is interrupted. It opens no secret, and knows no master key. */
export const program = Effect.gen(function*() {
  yield* announce
  yield* refuseWhenDraining
  return yield* Foundation.untilFailure
}).pipe(
  Effect.scoped,
  Effect.provide(services.pipe(
    Layer.provideMerge(Foundation.withoutSecrets),
    Layer.provideMerge(Settings.layer("ingest")),
    Layer.provideMerge(Layer.merge(NodeServices.layer, Logs.layer))
  ))
)

/** All that ingest serves, as one layer for the process's router. */
import { Layer } from "effect"
import { IngestTokens } from "./access/IngestTokens.ts"
import { HecRoutes } from "./hec/HecRoutes.ts"
import { IngestBudget } from "./IngestBudget.ts"
import { IngestLog } from "./IngestLog.ts"
import { NdjsonRoutes } from "./ndjson/NdjsonRoutes.ts"

/**
 * The HEC receiver and the NDJSON endpoint. Needs `Log`, `ControlLog` and a router; `IngestBudget` stays visible, so
 * that the process can `close` it first when it drains.
 *
 * @example
 * ```ts
 * HttpRouter.serve(IngestRoutes.pipe(Layer.provide([LogLayer, ControlLogLayer])))
 * ```
 */
export const IngestRoutes = Layer.mergeAll(HecRoutes, NdjsonRoutes).pipe(
  Layer.provide([IngestTokens.layer, IngestLog.layer]),
  Layer.provideMerge(IngestBudget.layer)
)

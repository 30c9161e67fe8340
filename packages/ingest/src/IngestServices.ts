/**
 * What a request's handler needs, taken once when the routes are built: a router looks for a handler's services where
 * it is served, and that is the application's business, not ours.
 */
import { Context, Effect } from "effect"
import { IngestTokens } from "./access/IngestTokens.ts"
import { IngestBudget } from "./IngestBudget.ts"
import { IngestLog } from "./IngestLog.ts"

export type IngestServices = IngestTokens | IngestBudget | IngestLog

export const ingestServices: Effect.Effect<Context.Context<IngestServices>, never, IngestServices> = Effect.gen(
  function*() {
    return Context.make(IngestTokens, yield* IngestTokens).pipe(
      Context.add(IngestBudget, yield* IngestBudget),
      Context.add(IngestLog, yield* IngestLog)
    )
  }
)

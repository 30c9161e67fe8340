/**
 * How many bytes the requests in flight may hold in this process. It is no queue: who does not fit is told to come
 * again, so that senders keep what they have and nothing waits here.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import { OverBudget, ShuttingDown } from "./http/RequestFault.ts"
import { IngestLimits } from "./IngestLimits.ts"

/** One request's share; given back when its scope closes. */
export interface Share {
  readonly limits: IngestLimits
  /** Takes more bytes; refused (and none taken) if they are not there. */
  take(bytes: number): Effect.Effect<void, OverBudget>
}

export class IngestBudget extends Context.Service<IngestBudget, {
  readonly open: Effect.Effect<Share, ShuttingDown, Scope.Scope>
  /** Bytes held now. */
  readonly held: Effect.Effect<number>
  /** From now on every new request is told that the server shuts down; those in flight go on. */
  readonly close: Effect.Effect<void>
  readonly isClosed: Effect.Effect<boolean>
}>()("@tailrace/ingest/IngestBudget") {
  static readonly layer = Layer.effect(
    IngestBudget,
    Effect.gen(function*() {
      const limits = yield* IngestLimits
      let held = 0
      let isClosed = false
      const close = Effect.sync(() => {
        isClosed = true
      })
      yield* Effect.addFinalizer(() => close)
      return IngestBudget.of({
        open: Effect.acquireRelease(
          Effect.suspend(() => isClosed ? Effect.fail(new ShuttingDown()) : Effect.succeed({ bytes: 0 })),
          (share) =>
            Effect.sync(() => {
              held -= share.bytes
            })
        ).pipe(Effect.map((share) => ({
          limits,
          take: (bytes) =>
            Effect.suspend(() => {
              if (held + bytes > limits.budgetBytes) return Effect.fail(new OverBudget())
              held += bytes
              share.bytes += bytes
              return Effect.void
            })
        }))),
        held: Effect.sync(() => held),
        close,
        isClosed: Effect.sync(() => isClosed)
      })
    })
  )
}

/** Ingest as the settings want it, and its end: whoever sends while the process drains is told to come again. */
import { IngestBudget, IngestLimits } from "@tailrace/ingest"
import { Effect, Layer } from "effect"
import { Settings } from "../settings/Settings.ts"

/** The largest body that may be posted; the memory for all of them together is ingest's own bound. */
export const ingestLimits = Layer.effect(
  IngestLimits,
  Effect.gen(function*() {
    const { limits } = yield* Settings
    const usual = yield* IngestLimits
    const budgetBytes = Math.max(usual.budgetBytes, limits.requestSize)
    return { ...usual, maxBodyBytes: limits.requestSize, budgetBytes }
  })
)

/** When the scope closes, requests that still come are refused at once. */
export const refuseWhenDraining = Effect.gen(function*() {
  const budget = yield* IngestBudget
  yield* Effect.addFinalizer(() => budget.close)
})

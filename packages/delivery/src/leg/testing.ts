/** Answers requests to test a destination: the canary, and what the store can do. Spoils no data. */
import { Clock, Effect } from "effect"
import type { Leg } from "./Leg.ts"
import { canaryKey, openStore, probe, targetOf } from "./Store.ts"

const tryOut = Effect.fnUntraced(function*(leg: Leg) {
  const target = targetOf(leg, leg.version)
  const result = yield* Effect.result(
    Effect.scoped(Effect.flatMap(openStore(leg, target), (store) => probe(store, canaryKey(leg.version, leg.id))))
  )
  if (result._tag === "Failure") return { ok: false, message: result.failure.message, capabilities: null }
  const { answer, capabilities } = result.success
  const isRefused = answer._tag === "Transient" || answer._tag === "Misconfigured"
  return { ok: !isRefused, message: isRefused ? answer.message : "", capabilities }
})

const test = Effect.fnUntraced(function*(leg: Leg, id: string) {
  const { capabilities, message, ok } = yield* tryOut(leg)
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([
    { _tag: "Tested", destination: leg.id, test: id, ok, message, capabilities, at }
  ])
})

/** The test that this lane owes the leg's destination, once: the tailnet's home lane answers for all of them. */
export const makeTests = () => {
  const begun = new Set<string>()
  return (leg: Leg): Effect.Effect<void> | null => {
    const { deleted, testRequested } = leg.destination
    if (testRequested === null || deleted || begun.has(testRequested)) return null
    if (leg.state.lastTest === testRequested || !leg.services.isHome(leg.tailnet)) return null
    begun.add(testRequested)
    return test(leg, testRequested)
  }
}

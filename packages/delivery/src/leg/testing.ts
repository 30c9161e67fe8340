/** Answers requests to test a destination: the canary, and what the store can do. Spoils no data. */
import { Clock, Effect } from "effect"
import type { Leg } from "./Leg.ts"
import { probeStore } from "./Store.ts"

const test = Effect.fnUntraced(function*(leg: Leg, id: string) {
  const { capabilities, failure } = yield* probeStore(leg)
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([
    {
      _tag: "Tested",
      destination: leg.id,
      test: id,
      ok: failure === null,
      message: failure?.message ?? "",
      capabilities,
      at
    }
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

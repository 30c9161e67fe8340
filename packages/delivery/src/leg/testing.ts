/** Answers requests to test a destination. How, is the affair of its kind. */
import { Clock, Effect } from "effect"
import type { Leg } from "./Leg.ts"

const test = Effect.fnUntraced(function*(leg: Leg, id: string) {
  const { capabilities, message, ok } = yield* leg.test
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([
    {
      _tag: "Tested",
      destination: leg.id,
      test: id,
      ok,
      message,
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

/** The destination is deleted and no seal is open: the leg says where it ended, and is no more. */
import { Clock, Effect } from "effect"
import type { Next, State } from "./State.ts"

export const closing: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  yield* leg.finish
  const cursor = leg.doneUpTo
  yield* leg.detach(cursor)
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([{ _tag: "LegClosed", destination: leg.id, cursor, at }])
  leg.services.closed(leg)
  return "resting"
})

/** The process stops: what was under way is finished, nothing new begins. What was gathered is read again next time. */
import { Effect } from "effect"
import type { Next, State } from "./State.ts"

export const draining: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  leg.topic.detach(leg)
  yield* leg.finish
  return "resting"
})

/** Stopped by a person: keeps its place and nothing else, until somebody resumes or deletes it. */
import { Effect } from "effect"
import type { Next, State } from "./State.ts"

export const paused: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  yield* leg.finish
  yield* leg.detach(leg.doneUpTo)
  yield* leg.rest
  while (leg.destination.paused && !leg.destination.deleted && !leg.draining) yield* leg.awake
  return "starting"
})

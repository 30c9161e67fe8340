/** Ending windows while no seal is open: the store is probed once, then they are sealed, or quarantined. */
import { Clock, Effect } from "effect"
import type { Window } from "../gather/Window.ts"
import { quarantineEntry } from "../read/Strays.ts"
import type { StoreLeg } from "./StoreLeg.ts"
import { emptyWindow, sealWindow } from "./Sealing.ts"
import { failed, type Outcome } from "../leg/Failing.ts"
import { noteProbed } from "../leg/Probing.ts"
import { probeStore } from "./Store.ts"

/** Finds out what the store can do, once for each target, before anything is sealed for it. */
const ensureProbed = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Outcome> {
  if (leg.state.probed?.target === leg.targetOf(leg.version)) return "goOn"
  const { capabilities, failure, target } = yield* probeStore(leg)
  if (failure !== null) return yield* failed(leg, failure)
  if (capabilities !== null) yield* noteProbed(leg, target, capabilities)
  return "goOn"
})

/** Only refused records: no object, they go to quarantine with the cursor. */
const quarantine = Effect.fnUntraced(function*(leg: StoreLeg, window: Window) {
  const at = yield* Clock.currentTimeMillis
  const from = { topic: leg.topic.topic, lane: leg.services.lane, destination: leg.id }
  yield* leg.services.ledger.commit([
    {
      _tag: "BatchQuarantined",
      destination: leg.id,
      from: window.from,
      to: window.to,
      quarantined: window.skipped.length,
      at
    }
  ], window.refused.map((record) => quarantineEntry(record, from)))
  leg.ending = null
  yield* window.release
})

/** Seals the window that `take` answers, or quarantines it if it holds nothing else. */
export const endWindow = Effect.fnUntraced(
  function*(leg: StoreLeg, take: () => Window | null): Effect.fn.Return<Outcome> {
    const outcome = yield* ensureProbed(leg)
    // What the spool lost while the store was probed must be read again, not sealed.
    if (outcome !== "goOn" || leg.gather.isLost) return outcome
    const window = take()
    // It had no room for more, and so the catch-up reader had passed it over.
    if (leg.gather.isHungry) leg.topic.hungry.openUnsafe()
    if (window === null) return "goOn"
    leg.ending = window
    if (window.count === 0 && window.skipped.length > 0) yield* quarantine(leg, window)
    else yield* sealWindow(leg, window, "records")
    return "goOn"
  }
)

/** An upload period without records, where these are written. */
export const endEmptyPeriod = Effect.fnUntraced(function*(leg: StoreLeg): Effect.fn.Return<Outcome> {
  const outcome = yield* ensureProbed(leg)
  if (outcome !== "goOn" || leg.gather.window !== null) return outcome
  const { codec, emptyWindows } = leg.version.upload
  const manifest = emptyWindows === "manifest"
  yield* sealWindow(leg, emptyWindow(leg, leg.position, { codec, manifest }), manifest ? "manifest" : "records")
  return "goOn"
})

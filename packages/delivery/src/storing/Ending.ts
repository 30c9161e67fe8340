/**
 * Ending an open seal that cannot simply be sent: its target is no longer the destination's, the destination is
 * deleted, or its records have expired. One try at the old target, then the seal is given up, and the ledger says
 * whether its object may be there all the same.
 */
import type { Seal } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import type { Window } from "../gather/Window.ts"
import type { StoreLeg } from "./StoreLeg.ts"
import { failed, type Outcome } from "../leg/Failing.ts"
import { attempt, delivered, inspect } from "./Sending.ts"
import { openStore } from "./Store.ts"

/** The next window starts at the seal's `from`. The place is taken back first: no snapshot may count past it. */
const abandon = Effect.fnUntraced(function*(leg: StoreLeg, seal: Seal, maybeStored: boolean) {
  yield* leg.detach(seal.from)
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([
    { _tag: "SealAbandoned", destination: leg.id, seal: seal.id, from: seal.from, maybeStored, at }
  ])
})

/** One attempt at the old target; whatever comes of it, the seal is ended. */
export const tryOnce = Effect.fnUntraced(function*(leg: StoreLeg, seal: Seal, window: Window) {
  const result = yield* attempt(leg, seal, window)
  if (result._tag === "Ours") return yield* delivered(leg, seal, window)
  yield* abandon(leg, seal, result._tag !== "Foreign" && !leg.clean)
})

/** The seal's records have expired: only its object can be looked for, a part of it is never sent. */
export const lookOnce = Effect.fnUntraced(function*(
  leg: StoreLeg,
  seal: Seal,
  ends: boolean
): Effect.fn.Return<Outcome> {
  const found = yield* Effect.result(
    Effect.scoped(Effect.flatMap(openStore(leg, seal.target), (store) => inspect(leg, store, seal)))
  )
  const result = found._tag === "Success" ? found.success : { _tag: "Failed", failure: found.failure } as const
  if (result._tag === "Ours") {
    yield* delivered(leg, seal, null)
    // Reading it again had begun and found its records expired: that is of no account now.
    yield* leg.detach(seal.to)
    return "goOn"
  }
  const isPassing = result._tag === "Failed" && result.failure._tag === "Transient"
  if (isPassing && !ends) return yield* failed(leg, result.failure)
  yield* abandon(leg, seal, result._tag !== "Foreign" && !leg.clean)
  return "goOn"
})

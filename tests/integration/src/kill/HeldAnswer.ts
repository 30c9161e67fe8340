/** Waits for the moment between a seal and its delivery: the store has the object, its answer is on its way. */
import { Effect, Option, Queue } from "effect"
import { type HttpProxy, isUpload, type Seen } from "../proxy/HttpProxy.ts"
import type { Lots } from "./lots.ts"

export interface Holding {
  readonly proxy: HttpProxy
  /** Uploads whose answers the proxy began to hold. */
  readonly held: Queue.Queue<Seen>
  readonly lots: Lots
}

/** How long an answer held by lot is waited for, and then one that is held on purpose. */
const patienceMillis = { lot: 4_000, purpose: 12_000 }

/** The next answer that is held, if need be because all are from now on. */
const nextHeld = Effect.fnUntraced(function*({ held, lots, proxy }: Holding) {
  const byLot = yield* Effect.timeoutOption(Queue.take(held), patienceMillis.lot)
  if (Option.isSome(byLot)) return true
  const { fate } = proxy
  proxy.fate = (request) => isUpload(request) ? { _tag: "Hold", millis: lots.between(1_000, 3_000) } : { _tag: "Pass" }
  return yield* Queue.take(held).pipe(
    Effect.timeoutOption(patienceMillis.purpose),
    Effect.map(Option.isSome),
    Effect.ensuring(Effect.sync(() => void (proxy.fate = fate)))
  )
})

/** While an answer is on its way that the process will never see; false where none came in time. */
export const heldMoment = Effect.fnUntraced(function*(holding: Holding) {
  yield* Queue.clear(holding.held)
  const isHeld = yield* nextHeld(holding)
  yield* Effect.sleep(holding.lots.between(0, 300))
  return isHeld
})

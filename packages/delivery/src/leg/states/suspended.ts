/**
 * The destination refuses us in a way that does not pass by itself: keeps its place and nothing else, probes on a
 * growing interval, and goes on by itself when the cause is mended. A new configuration is tried at once.
 */
import type { Answer, Seal } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import { deadline, monotonicMillis } from "../deadline.ts"
import type { Leg } from "../Leg.ts"
import { suspend } from "../Sending.ts"
import { canaryKey, openStore, probe, targetOf } from "../Store.ts"
import type { Next, State } from "./State.ts"

type Failure = Pick<Extract<Answer, { readonly _tag: "Misconfigured" }>, "message" | "status">

const isOver = (leg: Leg): boolean => leg.draining || leg.destination.deleted || leg.destination.paused

/** Waits for the next probe, or for something to change; answers whether it is time to try again. */
const rest = Effect.fnUntraced(function*(leg: Leg, version: number) {
  const { condition } = leg.state
  if (condition._tag !== "Suspended") return
  const until = yield* deadline(condition.nextProbeAt, leg.services.limits.probe.capMillis)
  while (!isOver(leg)) {
    const left = until - (yield* monotonicMillis)
    if (left <= 0 || leg.version.version !== version) return
    yield* Effect.raceFirst(leg.awake, Effect.sleep(left))
  }
})

/** An open seal may need to know whose object its key is: without that, sending it again helps nobody. */
const cannotSee = Effect.fnUntraced(function*(leg: Leg, seal: Seal) {
  const inspection = yield* Effect.scoped(
    Effect.flatMap(openStore(leg, seal.target), (store) => store.inspect(seal.key))
  ).pipe(Effect.orElseSucceed(() => undefined))
  return inspection?._tag === "Forbidden" && !seal.key.includes(seal.id) ? inspection.message : undefined
})

const resume = Effect.fnUntraced(function*(leg: Leg) {
  const at = yield* Clock.currentTimeMillis
  yield* leg.services.ledger.commit([{ _tag: "Resumed", destination: leg.id, at }])
})

const tryProbe = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Failure | undefined> {
  const target = targetOf(leg, leg.version)
  const result = yield* Effect.result(
    Effect.scoped(Effect.flatMap(openStore(leg, target), (store) => probe(store, canaryKey(leg.version, leg.id))))
  )
  if (result._tag === "Failure") return result.failure
  const { answer, capabilities } = result.success
  if (answer._tag === "Transient" || answer._tag === "Misconfigured") return answer
  const { seal } = leg.state
  const unseen = seal === null ? undefined : yield* cannotSee(leg, seal)
  if (unseen !== undefined) return { message: unseen, status: 403 }
  const at = yield* Clock.currentTimeMillis
  if (capabilities === null) return undefined
  yield* leg.services.ledger.commit([{ _tag: "Probed", destination: leg.id, target, capabilities, at }])
  return undefined
})

export const suspended: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  const { version } = leg.version
  yield* leg.detach(leg.doneUpTo)
  yield* rest(leg, version)
  if (leg.draining) return "draining"
  if (leg.destination.deleted || leg.destination.paused) return "starting"
  const failure = leg.version.version === version ? yield* tryProbe(leg) : undefined
  if (failure !== undefined) {
    yield* suspend(leg, failure)
    return "suspended"
  }
  yield* resume(leg)
  return "starting"
})

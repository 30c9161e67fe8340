/**
 * The destination refuses us in a way that does not pass by itself: keeps its place and nothing else, probes on a
 * growing interval, and goes on by itself when the cause is mended. A new configuration is tried at once.
 */
import type { Seal } from "@tailrace/domain"
import { Clock, Effect } from "effect"
import { deadline, monotonicMillis } from "../deadline.ts"
import type { Leg } from "../Leg.ts"
import { suspend } from "../Sending.ts"
import { type Failure, noteProbed, openStore, probeStore } from "../Store.ts"
import type { Next, State } from "./State.ts"

type Refused = Pick<Failure, "message" | "status">

const isOver = (leg: Leg): boolean => leg.draining || leg.destination.deleted || leg.destination.paused

/** Waits for the next probe, or for something to change; answers whether it is time to try again. */
const rest = Effect.fnUntraced(function*(leg: Leg, version: number) {
  const { condition } = leg.state
  if (condition._tag !== "Suspended") return
  const until = yield* deadline(condition.nextProbeAt, leg.services.limits.probe.capMillis)
  while (!isOver(leg)) {
    const left = until - (yield* monotonicMillis)
    if (left <= 0 || leg.version.version !== version) return
    yield* leg.awakeWithin(left)
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

const tryProbe = Effect.fnUntraced(function*(leg: Leg): Effect.fn.Return<Refused | null> {
  const { capabilities, failure, target } = yield* probeStore(leg)
  if (failure !== null) return failure
  const { seal } = leg.state
  const unseen = seal === null ? undefined : yield* cannotSee(leg, seal)
  if (unseen !== undefined) return { message: unseen, status: 403 }
  if (capabilities !== null) yield* noteProbed(leg, target, capabilities)
  return null
})

export const suspended: State = Effect.fnUntraced(function*(leg): Effect.fn.Return<Next> {
  const { version } = leg.version
  yield* leg.detach(leg.doneUpTo)
  yield* rest(leg, version)
  if (leg.draining) return "draining"
  if (leg.destination.deleted || leg.destination.paused) return "starting"
  const failure = leg.version.version === version ? yield* tryProbe(leg) : null
  if (failure !== null) {
    yield* suspend(leg, failure)
    return "suspended"
  }
  yield* resume(leg)
  return "starting"
})

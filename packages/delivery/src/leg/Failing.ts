/** What a failed attempt or a refusal does to a leg: it backs off, or it is suspended. Written to the ledger first. */
import { type Answer, delayMillis } from "@tailrace/domain"
import { Clock, Effect, Random } from "effect"
import type { Leg } from "./Leg.ts"

/** How the leg goes on. */
export type Outcome = "goOn" | "backingOff" | "suspended"

export type Failure = Extract<Answer, { readonly _tag: "Transient" | "Misconfigured" }>
export type Misconfigured = Extract<Answer, { readonly _tag: "Misconfigured" }>

/** Why a leg is suspended. */
export type Refused = Pick<Failure, "message" | "status">

export const misconfigured = (message: string): Misconfigured => ({ _tag: "Misconfigured", message, status: null })

/**
 * Suspends the leg: nothing is lost, only its place is kept.
 *
 * @param atLeast how often in a row it has been refused, where probes do not show that
 */
export const suspend = Effect.fnUntraced(function*(leg: Leg, { message, status }: Refused, atLeast = 1) {
  const { condition } = leg.state
  const probes = Math.max(atLeast, condition._tag === "Suspended" ? condition.probes + 1 : 1)
  const at = yield* Clock.currentTimeMillis
  const random = yield* Random.next
  const wait = delayMillis(leg.services.limits.probe, { failures: probes, retryAfterMillis: null }, 0.5 + random / 2)
  yield* leg.services.ledger.commit([
    { _tag: "Suspended", destination: leg.id, message, status, probes, nextProbeAt: at + wait, at }
  ])
})

export const backOff = Effect.fnUntraced(function*(leg: Leg, failure: Extract<Answer, { _tag: "Transient" }>) {
  const { condition } = leg.state
  const attempt = condition._tag === "BackingOff" ? condition.attempt + 1 : 1
  const at = yield* Clock.currentTimeMillis
  const random = yield* Random.next
  const { message, retryAfterMillis, status } = failure
  const wait = delayMillis(leg.services.limits.backoff, { failures: attempt, retryAfterMillis }, random)
  yield* leg.services.ledger.commit([
    { _tag: "AttemptFailed", destination: leg.id, message, status, attempt, retryAt: at + wait, at }
  ])
})

export const failed = Effect.fnUntraced(function*(leg: Leg, failure: Failure): Effect.fn.Return<Outcome> {
  if (failure._tag === "Transient") {
    yield* backOff(leg, failure)
    return "backingOff"
  }
  yield* suspend(leg, failure)
  return "suspended"
})

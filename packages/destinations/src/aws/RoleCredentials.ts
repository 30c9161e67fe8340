/**
 * The session of one role in use: shared by all legs that need it, renewed in the background before it ends, by one
 * request at a time, and made anew when the service does not take it any more.
 */
import { Clock, Duration, Effect, Random, Semaphore } from "effect"
import type { AssumeFailure } from "./AssumeFailure.ts"
import type { AssumeRole } from "./AssumeRole.ts"
import type { RoleSession, RoleUse } from "./AwsIdentity.ts"
import { blamelessAge, renewalLead, renewalPause, sharedFailure, usableLead } from "./AwsLimits.ts"
import { provenSession } from "./TrustProof.ts"

export interface RoleCredentials {
  /** A session that is good for a while. Waits only when there is none. */
  readonly current: Effect.Effect<RoleSession, AssumeFailure>
  /** The service says that the session has ended, or that it is not allowed: the next one is a new one. */
  dropped(session: RoleSession, because: "expired" | "refused"): Effect.Effect<void>
}

interface Held {
  readonly session: RoleSession
  readonly usableUntil: number
  renewAt: number
}

interface Shared {
  readonly failure: AssumeFailure
  readonly until: number
}

const hold = (session: RoleSession, random: number): Held => {
  const life = session.expiresAt - session.madeAt
  return {
    session,
    usableUntil: session.expiresAt - usableLead(life),
    renewAt: session.expiresAt - renewalLead(life, random)
  }
}

/** Renewals end with the present scope. */
export const makeRoleCredentials = Effect.fnUntraced(function*(use: RoleUse, assume: AssumeRole) {
  const scope = yield* Effect.scope
  const turn = yield* Semaphore.make(1)
  let held: Held | undefined
  let shared: Shared | undefined

  const keep = (session: RoleSession) =>
    Effect.map(Random.next, (random) => {
      held = hold(session, random)
      return session
    })
  const share = (failure: AssumeFailure) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      shared = { failure, until: now + Duration.toMillis(sharedFailure) }
    })
  /** Another one may have made a session, or failed to, while this one waited for its turn. */
  const make = turn.withPermit(Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    if (held !== undefined && now < held.usableUntil) return held.session
    if (shared !== undefined && now < shared.until) return yield* shared.failure
    return yield* keep(yield* Effect.tapError(provenSession(use, assume), share))
  }))
  const renew = Effect.flatMap(assume(use), keep).pipe(
    Effect.catch(({ message }) => Effect.logDebug(`a session of ${use.arn} is renewed later: ${message}`))
  )

  const credentials: RoleCredentials = {
    current: Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      if (held === undefined || now >= held.usableUntil) return yield* make
      const { session } = held
      if (now >= held.renewAt) {
        held.renewAt = now + Duration.toMillis(renewalPause)
        yield* Effect.forkIn(turn.withPermit(renew), scope)
      }
      return session
    }),
    dropped: (session, because) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const isBlameless = because === "refused" && now < session.madeAt + Duration.toMillis(blamelessAge)
        if (held?.session === session && !isBlameless) held = undefined
      })
  }
  return credentials
})

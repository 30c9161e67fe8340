/**
 * The tokens of all destinations behind one guard: stores are opened for each upload, tokens live for an hour. One
 * renewal at a time for each identity; a renewal that fails in passing leaves the token that still counts.
 */
import { Clock, Effect, Semaphore } from "effect"
import type { Agents } from "../../network/GuardedAgents.ts"
import { keptTokens } from "../GcsLimits.ts"
import type { AccessToken, TokenFailure } from "./AccessToken.ts"
import type { TokenSource } from "./TokenSource.ts"

export interface AccessTokens {
  readonly get: Effect.Effect<AccessToken, TokenFailure>
  /** After the service has refused `stale`. */
  renew(stale: AccessToken): Effect.Effect<AccessToken, TokenFailure>
}

interface Kept {
  readonly one: Semaphore.Semaphore
  token: AccessToken | null
}

const keptBehind = new WeakMap<Agents, Map<string, Kept>>()

const keptOf = (agents: Agents): Map<string, Kept> => {
  const kept = keptBehind.get(agents) ?? new Map<string, Kept>()
  keptBehind.set(agents, kept)
  return kept
}

/** The oldest makes room; whoever still uses it keeps using it. */
const entryOf = (kept: Map<string, Kept>, identity: string): Kept => {
  const known = kept.get(identity)
  if (known !== undefined) return known
  const [oldest] = kept.keys()
  if (kept.size >= keptTokens && oldest !== undefined) kept.delete(oldest)
  const entry = { one: Semaphore.makeUnsafe(1), token: null }
  kept.set(identity, entry)
  return entry
}

export const accessTokens = (agents: Agents, source: TokenSource): AccessTokens => {
  const entry = entryOf(keptOf(agents), source.identity)

  const fetched = Effect.tap(source.fetch, (token) => Effect.sync(() => entry.token = token))

  const orStillGood = (token: AccessToken | null, nowMillis: number) =>
    token === null || nowMillis >= token.endsAt
      ? fetched
      : Effect.catchIf(fetched, ({ _tag }) => _tag === "Transient", () => Effect.succeed(token))

  const whenDue = Effect.gen(function*() {
    const nowMillis = yield* Clock.currentTimeMillis
    const { token } = entry
    return token !== null && nowMillis < token.renewAt ? token : yield* orStillGood(token, nowMillis)
  })

  return {
    get: Effect.gen(function*() {
      const nowMillis = yield* Clock.currentTimeMillis
      const { token } = entry
      return token !== null && nowMillis < token.renewAt ? token : yield* entry.one.withPermit(whenDue)
    }),
    renew: (stale) =>
      entry.one.withPermit(
        Effect.suspend(() =>
          entry.token === null || entry.token.value === stale.value ? fetched : Effect.succeed(entry.token)
        )
      )
  }
}

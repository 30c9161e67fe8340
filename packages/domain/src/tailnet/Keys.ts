/** API keys: owned by a member, one to ninety days, remembered as a hash. */
import type { TailnetState } from "../TailnetState.ts"
import { isSystem, lacks, permits } from "./Authority.ts"
import {
  conflict,
  type Decider,
  type Decision,
  type EventOf,
  forbidden,
  happen,
  invalid,
  notFound
} from "./Decision.ts"
import type { Taken } from "./Decision.ts"
import { Result } from "effect"

const dayMillis = 86_400_000

/** The longest life of an API key that a member may ask for (reference: Tailscale's API documentation). */
export const maxKeyDays = 90

/** SHA-256 in hex: what may be remembered of a key or token. */
export const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)

const refuseFor = (
  state: TailnetState,
  userId: string,
  actor: Parameters<typeof permits>[1]
): Decision | undefined => {
  if (isSystem(actor) || actor.id === userId) return undefined
  if (!permits(state, actor, "members:write")) return Result.fail(lacks(state, actor, "members:write"))
  const isOwners = state.members.get(userId)?.role === "owner"
  return isOwners ? forbidden("only the owner may create the owner's keys") : undefined
}

export const createApiKey: Decider<"CreateApiKey"> = (state, { _tag, ...key }, { actor, at }) => {
  if (!state.members.has(key.userId)) return notFound(`user ${key.userId} not found`)
  const refused = refuseFor(state, key.userId, actor)
  if (refused !== undefined) return refused
  if (state.apiKeys.has(key.keyId)) return conflict(`key ${key.keyId} exists already`)
  if (!isHash(key.hash)) return invalid("hash", "must be 64 hex digits")
  if (key.expiresAt <= at) return invalid("expiresAt", "must lie in the future")
  if (!isSystem(actor) && key.expiresAt > at + maxKeyDays * dayMillis) {
    return invalid("expiresAt", `must be at most ${maxKeyDays} days ahead`)
  }
  return happen({ _tag: "ApiKeyCreated", ...key })
}

/** One's own key, or anybody's with the right to change members. */
export const revokeApiKey: Decider<"RevokeApiKey"> = (state, { keyId }, { actor }) => {
  const key = state.apiKeys.get(keyId)
  const isOwn = actor.type === "USER" && key?.userId === actor.id
  if (!isOwn && !permits(state, actor, "members:write")) return Result.fail(lacks(state, actor, "members:write"))
  if (key === undefined || key.revokedAt !== null) return notFound(`key ${keyId} not found`)
  return happen({ _tag: "ApiKeyRevoked", keyId })
}

export const apiKeyCreated = (
  state: TailnetState,
  { _tag, ...key }: EventOf<"ApiKeyCreated">,
  { record }: Taken
): TailnetState => ({
  ...state,
  apiKeys: new Map(state.apiKeys).set(key.keyId, { ...key, createdAt: record.at, revokedAt: null })
})

export const apiKeyRevoked = (
  state: TailnetState,
  { keyId }: EventOf<"ApiKeyRevoked">,
  { record }: Taken
): TailnetState => {
  const key = state.apiKeys.get(keyId)
  if (key === undefined) return state
  return { ...state, apiKeys: new Map(state.apiKeys).set(keyId, { ...key, revokedAt: record.at }) }
}

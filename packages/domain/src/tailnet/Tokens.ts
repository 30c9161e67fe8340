/** Ingest tokens: they may post records of their tailnet and nothing else; remembered as a hash. */
import type { TailnetState } from "../TailnetState.ts"
import { conflict, type Decider, type EventOf, happen, invalid, notFound, type Taken } from "./Decision.ts"
import { isHash } from "./Keys.ts"

export const createIngestToken: Decider<"CreateIngestToken"> = (state, { _tag, ...token }) => {
  if (state.ingestTokens.has(token.tokenId)) return conflict(`token ${token.tokenId} exists already`)
  if (!isHash(token.hash)) return invalid("hash", "must be 64 hex digits")
  return happen({ _tag: "IngestTokenCreated", ...token })
}

export const revokeIngestToken: Decider<"RevokeIngestToken"> = (state, { tokenId }) => {
  const token = state.ingestTokens.get(tokenId)
  if (token === undefined || token.revokedAt !== null) return notFound(`token ${tokenId} not found`)
  return happen({ _tag: "IngestTokenRevoked", tokenId })
}

export const ingestTokenCreated = (
  state: TailnetState,
  { _tag, ...token }: EventOf<"IngestTokenCreated">,
  { record }: Taken
): TailnetState => ({
  ...state,
  ingestTokens: new Map(state.ingestTokens).set(token.tokenId, { ...token, createdAt: record.at, revokedAt: null })
})

export const ingestTokenRevoked = (
  state: TailnetState,
  { tokenId }: EventOf<"IngestTokenRevoked">,
  { record }: Taken
): TailnetState => {
  const token = state.ingestTokens.get(tokenId)
  if (token === undefined) return state
  return { ...state, ingestTokens: new Map(state.ingestTokens).set(tokenId, { ...token, revokedAt: record.at }) }
}

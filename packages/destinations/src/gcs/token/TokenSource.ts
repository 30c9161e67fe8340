/** Where tokens come from: a service account's key, or another identity. What is kept of them is `AccessTokens`'. */
import type { Effect } from "effect"
import type { AccessToken, TokenFailure } from "./AccessToken.ts"

export interface TokenSource {
  /** Equal for credentials and scopes that are; shows neither. */
  readonly identity: string
  /** What no message may show, besides tokens. */
  readonly secrets: ReadonlyArray<string>
  readonly fetch: Effect.Effect<AccessToken, TokenFailure>
}

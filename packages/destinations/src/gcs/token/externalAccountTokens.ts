/**
 * Tokens of a workload identity: what proves it is exchanged at Google's Security Token Service, and where a service
 * account is to be impersonated, that token for one of the account's.
 * https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
 */
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { createHash } from "node:crypto"
import type { Agents } from "../../network/GuardedAgents.ts"
import { impersonationLifetime } from "../GcsLimits.ts"
import { type AccessToken, lifetime, type TokenFailure } from "./AccessToken.ts"
import { askForToken, formRequest } from "./askForToken.ts"
import type { ExternalAccount } from "./ExternalAccount.ts"
import { readGrant } from "./ServiceAccount.ts"
import { subjectToken } from "./subjectToken.ts"
import type { TokenSource } from "./TokenSource.ts"

/** What is enough to ask for an account's token; that one has the destination's scopes. */
const platformScope = "https://www.googleapis.com/auth/cloud-platform"

const federatedToken = Effect.fnUntraced(function*(
  agents: Agents,
  account: ExternalAccount,
  scopes: ReadonlyArray<string>
): Effect.fn.Return<AccessToken, TokenFailure> {
  const nowMillis = yield* Clock.currentTimeMillis
  const subject = yield* subjectToken(agents, account)
  const grant = yield* askForToken(agents, {
    what: "token_url",
    secrets: [subject],
    request: formRequest(account.tokenUrl, {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      audience: account.audience,
      scope: (account.impersonationUrl === undefined ? scopes : [platformScope]).join(" "),
      requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
      subject_token: subject,
      subject_token_type: account.subjectTokenType
    }),
    read: readGrant
  })
  return lifetime(grant.access_token, grant.expires_in, nowMillis)
})

const Impersonated = Schema.fromJsonString(
  Schema.Struct({ accessToken: Schema.NonEmptyString, expireTime: Schema.String })
)
const decodeImpersonated = Schema.decodeUnknownOption(Impersonated)

const readImpersonated = (text: string) =>
  Option.filter(
    Option.map(
      decodeImpersonated(text),
      ({ accessToken, expireTime }) => ({ accessToken, end: Date.parse(expireTime) })
    ),
    ({ end }) => !Number.isNaN(end)
  )

interface Impersonation {
  readonly url: string
  readonly federated: AccessToken
  readonly scopes: ReadonlyArray<string>
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
const impersonatedToken = Effect.fnUntraced(function*(
  agents: Agents,
  { federated, scopes, url }: Impersonation
): Effect.fn.Return<AccessToken, TokenFailure> {
  const nowMillis = yield* Clock.currentTimeMillis
  const asked = { scope: scopes, lifetime: `${Duration.toSeconds(impersonationLifetime)}s` }
  const { accessToken, end } = yield* askForToken(agents, {
    what: "service_account_impersonation_url",
    secrets: [federated.value],
    request: {
      method: "POST",
      url,
      headers: { "Authorization": `Bearer ${federated.value}`, "Content-Type": "application/json" },
      body: new TextEncoder().encode(JSON.stringify(asked))
    },
    read: readImpersonated
  })
  return lifetime(accessToken, (end - nowMillis) / 1_000, nowMillis)
})

export const externalAccountTokens = (
  account: ExternalAccount,
  scopes: ReadonlyArray<string>,
  agents: Agents
): TokenSource => ({
  identity: createHash("sha256").update(JSON.stringify([account, scopes])).digest("base64"),
  secrets: [],
  fetch: Effect.gen(function*() {
    const federated = yield* federatedToken(agents, account, scopes)
    const { impersonationUrl: url } = account
    return url === undefined ? federated : yield* impersonatedToken(agents, { url, federated, scopes })
  })
})

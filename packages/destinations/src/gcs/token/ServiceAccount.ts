/**
 * A service account's key: a signed assertion is exchanged for a token.
 * https://developers.google.com/identity/protocols/oauth2/service-account#httprest
 */
import { Clock, Duration, Effect, Option, Result, Schema } from "effect"
import { createHash, createPrivateKey, type KeyObject, sign } from "node:crypto"
import type { Agents } from "../../network/GuardedAgents.ts"
import { assertionLifetime } from "../GcsLimits.ts"
import { lifetime } from "./AccessToken.ts"
import { askForToken, formRequest } from "./askForToken.ts"
import type { TokenSource } from "./TokenSource.ts"

const KeyFile = Schema.fromJsonString(Schema.Struct({
  type: Schema.Literal("service_account"),
  client_email: Schema.NonEmptyString,
  private_key: Schema.NonEmptyString,
  private_key_id: Schema.optional(Schema.String),
  token_uri: Schema.optional(Schema.NonEmptyString)
}))
const readKeyFile = Schema.decodeUnknownOption(KeyFile)

const googleTokenUrl = "https://oauth2.googleapis.com/token"

export interface ServiceAccount {
  readonly email: string
  readonly keyId: string | undefined
  readonly key: KeyObject
  readonly tokenUrl: string
  /** What no message may show. */
  readonly secrets: ReadonlyArray<string>
}

const privateKey = (pem: string): Option.Option<KeyObject> =>
  Option.filter(
    Option.liftThrowable(createPrivateKey)(pem),
    ({ asymmetricKeyType }) => asymmetricKeyType === "rsa"
  )

/** From the JSON text of a key file; the failure says what is wrong with it, without showing any of it. */
export const readServiceAccount = (text: string): Result.Result<ServiceAccount, string> => {
  const file = readKeyFile(text)
  if (Option.isNone(file)) {
    return Result.fail("is not the key of a service account (JSON with type, client_email, private_key)")
  }
  const { client_email: email, private_key: pem, private_key_id: keyId, token_uri: tokenUrl } = file.value
  return Result.map(
    Result.fromOption(privateKey(pem), () => "holds a private_key that is not an RSA key"),
    (key) => ({ email, keyId, key, tokenUrl: tokenUrl ?? googleTokenUrl, secrets: [text, pem] })
  )
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

/** A JWT (RFC 7523), signed with RS256. */
export const assertionOf = (
  { email, key, keyId, tokenUrl }: ServiceAccount,
  scopes: ReadonlyArray<string>,
  nowMillis: number
): string => {
  const iat = Math.floor(nowMillis / 1_000)
  const header = part({ alg: "RS256", typ: "JWT", ...(keyId === undefined ? {} : { kid: keyId }) })
  const exp = iat + Duration.toSeconds(assertionLifetime)
  const claims = part({ iss: email, scope: scopes.join(" "), aud: tokenUrl, iat, exp })
  const signature = sign("sha256", Buffer.from(`${header}.${claims}`), key).toString("base64url")
  return `${header}.${claims}.${signature}`
}

/** RFC 6749 §5.1. */
export const readGrant = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ access_token: Schema.NonEmptyString, expires_in: Schema.Finite }))
)

export const serviceAccountTokens = (
  account: ServiceAccount,
  scopes: ReadonlyArray<string>,
  agents: Agents
): TokenSource => ({
  identity: createHash("sha256").update(JSON.stringify([account.secrets, scopes])).digest("base64"),
  secrets: account.secrets,
  fetch: Effect.gen(function*() {
    const nowMillis = yield* Clock.currentTimeMillis
    const assertion = assertionOf(account, scopes, nowMillis)
    const grant = yield* askForToken(agents, {
      what: "token endpoint",
      secrets: [assertion, ...account.secrets],
      request: formRequest(account.tokenUrl, {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion
      }),
      read: readGrant
    })
    return lifetime(grant.access_token, grant.expires_in, nowMillis)
  })
})

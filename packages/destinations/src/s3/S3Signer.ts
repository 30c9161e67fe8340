/**
 * Who signs a store's requests: an access key, or the session of a role, which changes from time to time. A client is
 * made with the first request (an idle destination costs nothing) and again with each new session.
 */
import type { S3Config, S3Role } from "@tailrace/domain"
import { Effect, Option, Redacted } from "effect"
import type { S3Client } from "@aws-sdk/client-s3"
import type { AssumeFailure } from "../aws/AssumeFailure.ts"
import { AwsIdentity, type AwsRoles, noAwsIdentity, type RoleSession } from "../aws/AwsIdentity.ts"
import { type Owner, sessionName } from "../aws/sessionName.ts"
import type { Agents } from "../network/GuardedAgents.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import { type Credentials, makeS3Client } from "./S3ClientConfig.ts"
import { s3Endpoint } from "./S3Endpoint.ts"
import type { S3Failure } from "./S3Failure.ts"

/** A client for one request. */
export interface Signed {
  readonly client: S3Client
  /** What no message may hold. */
  readonly secrets: ReadonlyArray<string>
  /** Has to be told of each failure of a request. True: the session has ended, the next request has another one. */
  noteFailure(failure: S3Failure): Effect.Effect<boolean>
}

export interface Signer {
  /** Waits for a role's session where there is none. */
  readonly signed: Effect.Effect<Signed, AssumeFailure>
}

/** The present client is closed with the scope; it owns no socket, so one that is in use may be left. */
const makeClients = Effect.fnUntraced(function*(config: S3Config, agents: Agents) {
  let made: S3Client | undefined
  yield* Effect.addFinalizer(() => Effect.sync(() => made?.destroy()))
  return (credentials: Credentials): S3Client => (made = makeS3Client(s3Endpoint(config), credentials, agents))
})

export const keySigner = Effect.fnUntraced(function*(config: S3Config, secret: Redacted.Redacted, agents: Agents) {
  const make = yield* makeClients(config, agents)
  const secretAccessKey = Redacted.value(secret)
  let signed: Signed | undefined
  const signer: Signer = {
    signed: Effect.sync(() =>
      signed ??= {
        client: make({ accessKeyId: config.accessKeyId, secretAccessKey }),
        secrets: [secretAccessKey],
        noteFailure: () => Effect.succeed(false)
      }
    )
  }
  return signer
})

const expiredCodes = new Set(["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"])

/** The answer to a `HEAD` has no code: of an ended session it is a plain 400; 403 is what roles that only write get. */
const faultOf = ({ code, message, status }: S3Failure): "expired" | "refused" | undefined => {
  if (expiredCodes.has(code)) return "expired"
  const isOfHead = message === "" || message === "UnknownError" || message === "Unknown"
  if (status === 403) return isOfHead ? undefined : "refused"
  return status === 400 || status === 401 ? "refused" : undefined
}

const credentialsOf = ({ accessKeyId, secretAccessKey, sessionToken }: RoleSession) => ({
  accessKeyId,
  secretAccessKey: Redacted.value(secretAccessKey),
  sessionToken: Redacted.value(sessionToken)
})

interface RoleSigning {
  readonly role: S3Role
  readonly roles: AwsRoles
  readonly owner: Owner | undefined
}

const roleSigner = Effect.fnUntraced(
  function*(config: S3Config, agents: Agents, { owner, role, roles }: RoleSigning) {
    const make = yield* makeClients(config, agents)
    const credentials = yield* roles.credentials({ ...role, sessionName: sessionName(owner) })
    let last: { readonly session: RoleSession; readonly signed: Signed } | undefined
    const signedBy = (session: RoleSession): Signed => {
      const given = credentialsOf(session)
      return {
        client: make(given),
        secrets: [given.secretAccessKey, given.sessionToken],
        noteFailure: (failure) => {
          const fault = faultOf(failure)
          if (fault === undefined) return Effect.succeed(false)
          return Effect.as(credentials.dropped(session, fault), fault === "expired")
        }
      }
    }
    const signer: Signer = {
      signed: Effect.map(credentials.current, (session) => {
        if (last?.session !== session) last = { session, signed: signedBy(session) }
        return last.signed
      })
    }
    return signer
  }
)

/** By what the configuration says. `secret` has no meaning with a role. */
export const makeSigner = Effect.fnUntraced(function*(
  config: S3Config,
  secret: Redacted.Redacted,
  { agents, owner }: { readonly agents: Agents; readonly owner: Owner | undefined }
) {
  const { role } = config
  if (role === undefined) return yield* keySigner(config, secret, agents)
  const identity = yield* AwsIdentity
  if (Option.isNone(identity)) {
    return yield* new InvalidDestination({ field: "s3AuthenticationType", reason: noAwsIdentity })
  }
  return yield* roleSigner(config, agents, { role, roles: identity.value, owner })
})

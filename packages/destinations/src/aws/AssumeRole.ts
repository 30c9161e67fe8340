/** Adapter: `AssumeRole` of STS through the guard's agents: one attempt, its failure classified by `AssumeFailure`. */
import { AssumeRoleCommand, type AssumeRoleResponse, STSClient } from "@aws-sdk/client-sts"
import { Clock, Duration, Effect, Option, Redacted } from "effect"
import type { Agents } from "../network/GuardedAgents.ts"
import { type S3Failure, timedOut, toS3Failure } from "../s3/S3Failure.ts"
import { S3Handler } from "../s3/S3Handler.ts"
import { type AssumeFailure, assumeFailure } from "./AssumeFailure.ts"
import type { AssumeRequest, AwsOperator, RoleSession } from "./AwsIdentity.ts"
import { sessionDuration, stsTimeout } from "./AwsLimits.ts"

/** `sts.eu-west-1.amazonaws.com`, `vpce-1.sts.eu-west-1.vpce.amazonaws.com`. */
const regionalHost = /(?:^|\.)sts\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?$/

const regionOf = (url: string): string => regionalHost.exec(URL.parse(url)?.hostname ?? "")?.[1] ?? "us-east-1"

const makeClient = ({ keys, stsEndpoint }: AwsOperator, agents: Agents): STSClient =>
  new STSClient({
    endpoint: stsEndpoint,
    region: regionOf(stsEndpoint),
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: Redacted.value(keys.secretAccessKey),
      ...Option.match(keys.sessionToken, { onNone: () => ({}), onSome: (it) => ({ sessionToken: Redacted.value(it) }) })
    },
    requestHandler: new S3Handler(agents),
    maxAttempts: 1,
    retryMode: "standard",
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    authSchemePreference: ["sigv4"],
    sigv4aSigningRegionSet: [regionOf(stsEndpoint)],
    userAgentAppId: "tailrace"
  })

const commandOf = ({ arn, externalId, sessionName }: AssumeRequest) =>
  new AssumeRoleCommand({
    RoleArn: arn,
    RoleSessionName: sessionName,
    DurationSeconds: Duration.toSeconds(sessionDuration),
    ...(externalId === undefined ? {} : { ExternalId: externalId })
  })

const notUnderstood: S3Failure = {
  status: null,
  code: "UnknownError",
  message: "the answer holds no credentials",
  syscall: null,
  retryAfter: null,
  sent: true
}

const sessionOf = ({ Credentials: given }: AssumeRoleResponse, nowMillis: number): Option.Option<RoleSession> => {
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken) return Option.none()
  return Option.some({
    accessKeyId: given.AccessKeyId,
    secretAccessKey: Redacted.make(given.SecretAccessKey),
    sessionToken: Redacted.make(given.SessionToken),
    madeAt: nowMillis,
    expiresAt: given.Expiration?.getTime() ?? nowMillis + Duration.toMillis(sessionDuration)
  })
}

const attempt = (send: (signal: AbortSignal) => Promise<AssumeRoleResponse>) =>
  Effect.tryPromise({ try: send, catch: toS3Failure }).pipe(
    Effect.timeoutOrElse({ duration: stsTimeout, orElse: () => Effect.fail(timedOut(stsTimeout)) }),
    Effect.flatMap((answer) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => Effect.mapError(Effect.fromOption(sessionOf(answer, now)), () => notUnderstood)
      )
    )
  )

export type AssumeRole = (request: AssumeRequest) => Effect.Effect<RoleSession, AssumeFailure>

/** Closed with the present scope. */
export const makeAssumeRole = Effect.fnUntraced(function*(operator: AwsOperator, agents: Agents) {
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => makeClient(operator, agents)),
    (made) => Effect.sync(() => made.destroy())
  )
  const secrets = [
    Redacted.value(operator.keys.secretAccessKey),
    ...Option.match(operator.keys.sessionToken, { onNone: () => [], onSome: (it) => [Redacted.value(it)] })
  ]
  const assume: AssumeRole = Effect.fn("AwsRoles.assume")((request: AssumeRequest) =>
    attempt((abortSignal) => client.send(commandOf(request), { abortSignal })).pipe(
      Effect.catch((failure) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.fail(assumeFailure(failure, secrets, now)))
      )
    )
  )
  return assume
})

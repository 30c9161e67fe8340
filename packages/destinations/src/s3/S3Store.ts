/** One S3-compatible bucket as an `ObjectStore`: two requests, each made once and classified by `S3Answer`. */
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3"
import { Answer, type Inspection, Inspection as Inspections, type S3Config } from "@tailrace/domain"
import { Clock, type Duration, Effect, type Redacted } from "effect"
import type { AssumeFailure } from "../aws/AssumeFailure.ts"
import { StoreOwner } from "../aws/sessionName.ts"
import type { Guard } from "../network/Guard.ts"
import type { ObjectStore, ObjectToPut } from "../ObjectStore.ts"
import { headerValue } from "../store/HeaderValue.ts"
import { inspectAnswer, putAnswer, type Reading } from "./S3Answer.ts"
import { checkS3Config } from "./S3Endpoint.ts"
import { type S3Failure, timedOut, toS3Failure } from "./S3Failure.ts"
import { putTimeout, requestTimeout } from "./S3Limits.ts"
import { ownersMessage } from "./S3Message.ts"
import { makeSigner, type Signed, type Signer } from "./S3Signer.ts"

const putCommand = (bucket: string, { body, contentType, key, metadata, onlyIfAbsent }: ObjectToPut) =>
  new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentLength: body.byteLength,
    ContentType: contentType,
    Metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, headerValue(value)])),
    ...(onlyIfAbsent ? { IfNoneMatch: "*" } : {})
  })

/** Interruption and time-out abort the request. */
const attempt = <A>(send: (signal: AbortSignal) => Promise<A>, limit: Duration.Duration) =>
  Effect.tryPromise({ try: send, catch: toS3Failure }).pipe(
    Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.fail(timedOut(limit)) })
  )

const answered = <A>(classify: (failure: S3Failure, reading: Reading) => A, { noteFailure, secrets }: Signed) =>
  Effect.fnUntraced(function*(failure: S3Failure) {
    const sessionEnded = yield* noteFailure(failure)
    const nowMillis = yield* Clock.currentTimeMillis
    return classify(failure, { nowMillis, sessionEnded, message: ownersMessage(failure, secrets) })
  })

/** Nothing was sent: the role's session is missing. */
const withoutSession = ({ fault, message, retryAfterMillis, status }: AssumeFailure): Answer =>
  fault === "refused" || fault === "open"
    ? Answer.cases.Misconfigured.make({ message, status })
    : Answer.cases.Transient.make({ message, status, retryAfterMillis, maybeStored: false })

const notInspected = ({ message, retryAfterMillis, status }: AssumeFailure): Inspection =>
  Inspections.cases.Failed.make({ message, status, retryAfterMillis })

const makeStore = ({ bucket }: S3Config, signer: Signer): ObjectStore => ({
  put: Effect.fn("S3Store.put")((object: ObjectToPut): Effect.Effect<Answer> =>
    Effect.matchEffect(signer.signed, {
      onFailure: (failure) => Effect.succeed(withoutSession(failure)),
      onSuccess: (signed) =>
        attempt(
          (abortSignal) => signed.client.send(putCommand(bucket, object), { abortSignal }),
          putTimeout(object.body.byteLength)
        ).pipe(
          Effect.as(Answer.cases.Delivered.make({})),
          Effect.catch(answered(putAnswer, signed))
        )
    })
  ),
  inspect: Effect.fn("S3Store.inspect")((key: string): Effect.Effect<Inspection> =>
    Effect.matchEffect(signer.signed, {
      onFailure: (failure) => Effect.succeed(notInspected(failure)),
      onSuccess: (signed) =>
        attempt(
          (abortSignal) => signed.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
          requestTimeout
        ).pipe(
          Effect.map((head) => Inspections.cases.Found.make({ seal: head.Metadata?.["seal"] ?? null })),
          Effect.catch(answered(inspectAnswer, signed))
        )
    })
  )
})

/** `secret` is the secret access key; with a role it has no meaning, and `AwsIdentity` says who assumes it. */
export const openS3Store = Effect.fn("S3Store.open")(
  function*(config: S3Config, secret: Redacted.Redacted, guard: Guard["Service"]) {
    yield* Effect.fromResult(checkS3Config(config, guard.allowed))
    const owner = yield* StoreOwner
    return makeStore(config, yield* makeSigner(config, secret, { agents: guard.agents, owner }))
  }
)

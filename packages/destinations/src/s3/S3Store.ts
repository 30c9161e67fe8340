/** One S3-compatible bucket as an `ObjectStore`: two requests, each made once and classified by `S3Answer`. */
import { HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3"
import { Answer, type Inspection, Inspection as Inspections, type S3Config } from "@tailrace/domain"
import { Clock, Duration, Effect, Redacted } from "effect"
import type { Guard } from "../network/Guard.ts"
import type { ObjectStore, ObjectToPut } from "../ObjectStore.ts"
import { inspectAnswer, putAnswer, type Reading } from "./S3Answer.ts"
import { makeS3Client } from "./S3ClientConfig.ts"
import { checkS3Config, s3Endpoint } from "./S3Endpoint.ts"
import { type S3Failure, toS3Failure } from "./S3Failure.ts"
import { putTimeout, requestTimeout } from "./S3Limits.ts"
import { ownersMessage } from "./S3Message.ts"

/** Metadata travels in headers: what is not printable ASCII is percent-encoded as UTF-8. */
const headerValue = (value: string) => value.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent)

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

const timedOut = (after: Duration.Duration): S3Failure => ({
  status: null,
  code: "ETIMEDOUT",
  message: `no answer within ${Math.round(Duration.toSeconds(after))} s`,
  syscall: null,
  retryAfter: null,
  sent: true
})

/** Interruption and time-out abort the request. */
const attempt = <A>(send: (signal: AbortSignal) => Promise<A>, limit: Duration.Duration) =>
  Effect.tryPromise({ try: send, catch: toS3Failure }).pipe(
    Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.fail(timedOut(limit)) })
  )

const answered = <A>(classify: (failure: S3Failure, reading: Reading) => A, secret: string) => (failure: S3Failure) =>
  Effect.map(
    Clock.currentTimeMillis,
    (nowMillis) => classify(failure, { nowMillis, message: ownersMessage(failure, secret) })
  )

const makeStore = (config: S3Config, secret: string, client: () => S3Client): ObjectStore => ({
  put: Effect.fn("S3Store.put")((object: ObjectToPut): Effect.Effect<Answer> =>
    attempt(
      (abortSignal) => client().send(putCommand(config.bucket, object), { abortSignal }),
      putTimeout(object.body.byteLength)
    )
      .pipe(
        Effect.as(Answer.cases.Delivered.make({})),
        Effect.catch(answered(putAnswer, secret))
      )
  ),
  inspect: Effect.fn("S3Store.inspect")((key: string): Effect.Effect<Inspection> =>
    attempt(
      (abortSignal) => client().send(new HeadObjectCommand({ Bucket: config.bucket, Key: key }), { abortSignal }),
      requestTimeout
    ).pipe(
      Effect.map((head) => Inspections.cases.Found.make({ seal: head.Metadata?.["seal"] ?? null })),
      Effect.catch(answered(inspectAnswer, secret))
    )
  )
})

/** `secret` is the secret access key. The client is made with the first request: an idle destination costs nothing. */
export const openS3Store = Effect.fn("S3Store.open")(
  function*(config: S3Config, secret: Redacted.Redacted, guard: Guard["Service"]) {
    yield* Effect.fromResult(checkS3Config(config, guard.allowed))
    const secretAccessKey = Redacted.value(secret)
    const credentials = { accessKeyId: config.accessKeyId, secretAccessKey }
    let made: S3Client | undefined
    const client = () => (made ??= makeS3Client(s3Endpoint(config), credentials, guard.agents))
    yield* Effect.addFinalizer(() => Effect.sync(() => made?.destroy()))
    return makeStore(config, secretAccessKey, client)
  }
)

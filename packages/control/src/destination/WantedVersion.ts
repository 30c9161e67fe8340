/**
 * From the body of a request to what a command wants: texts that are empty or null count as absent, what belongs
 * together is checked, defaults are put in. Pure; the schema has checked each field for itself.
 */
import type { BadRequest, DestinationBody, StreamBody } from "@tailrace/api"
import { type AllowedRanges, checkUrl } from "@tailrace/destinations"
import type { DestinationVersion, S3Config, Upload } from "@tailrace/domain"
import { Redacted, Result } from "effect"
import { wrong } from "../command/ApiAnswer.ts"

/** What a body says, and what only the endpoint knows. */
export interface Wish {
  readonly body: StreamBody | DestinationBody
  /** The version in force, if the destination exists. */
  readonly before: DestinationVersion | undefined
  readonly defaultCodec: Upload["codec"]
  readonly allowed: AllowedRanges
}

export interface Wanted {
  readonly config: S3Config
  readonly upload: Upload
  /** Undefined: the destination keeps the secret it has. */
  readonly secret: Redacted.Redacted | undefined
}

/** Empty means absent. */
export const given = <A extends string>(value: A | null | undefined): Exclude<A, ""> | undefined =>
  isGiven(value) ? value : undefined

const isGiven = <A extends string>(value: A | null | undefined): value is Exclude<A, ""> =>
  value !== null && value !== undefined && value !== ""

const fail = (field: string, message: string) => Result.fail(wrong(field, message))

const required = (field: string, value: string | null | undefined): Result.Result<string, BadRequest> => {
  const text = given(value)
  return text === undefined ? fail(field, "is required and must not be empty") : Result.succeed(text)
}

const bucketForm = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,254}$/

const bucketOf = ({ s3Bucket }: StreamBody) =>
  Result.flatMap(required("s3Bucket", s3Bucket), (bucket) =>
    bucketForm.test(bucket)
      ? Result.succeed(bucket)
      : fail("s3Bucket", "must be the name of a bucket: 3 or more letters, digits, dots, hyphens and underscores"))

const urlOf = ({ allowed, body }: Wish): Result.Result<string, BadRequest> => {
  const url = given(body.url)
  if (url === undefined) return Result.succeed("")
  return Result.mapBoth(checkUrl(url, allowed), {
    onFailure: ({ reason }) => wrong("url", `is refused: ${reason}`),
    onSuccess: () => url
  })
}

const accessKeyOf = ({ s3AccessKeyId, s3AuthenticationType }: StreamBody) =>
  given(s3AuthenticationType) === "rolearn"
    ? fail("s3AuthenticationType", "must be \"accesskey\": \"rolearn\" is not supported yet")
    : required("s3AccessKeyId", s3AccessKeyId)

const controlCharacter = /\p{Cc}/u

const prefixOf = ({ s3KeyPrefix }: StreamBody): Result.Result<string, BadRequest> => {
  const prefix = given(s3KeyPrefix) ?? ""
  return prefix.length > 900 || controlCharacter.test(prefix) || prefix.startsWith("/")
    ? fail("s3KeyPrefix", "must have at most 900 characters, no control characters, and no / in front")
    : Result.succeed(prefix)
}

const secretOf = ({ before, body }: Wish) => {
  const secret = given(body.s3SecretAccessKey)
  if (secret === undefined && before === undefined) {
    return fail("s3SecretAccessKey", "is required and must not be empty")
  }
  return Result.succeed(secret === undefined ? undefined : Redacted.make(secret))
}

const ours = (body: Wish["body"]) => ({
  seconds: "uploadPeriodSeconds" in body ? body.uploadPeriodSeconds ?? undefined : undefined,
  keyLayout: "keyLayout" in body ? given(body.keyLayout) : undefined,
  emptyWindows: "emptyWindows" in body ? given(body.emptyWindows) : undefined,
  addressing: "addressing" in body ? given(body.addressing) : undefined
})

/** What only our own endpoints can say is kept when Tailscale's `PUT …/stream` changes the destination. */
const uploadOf = ({ before, body, defaultCodec }: Wish): Result.Result<Upload, BadRequest> => {
  const { emptyWindows, keyLayout, seconds } = ours(body)
  const periodMinutes = body.uploadPeriodMinutes ?? 0
  if (seconds !== undefined && periodMinutes !== 0 && seconds !== periodMinutes * 60) {
    return fail("uploadPeriodSeconds", "contradicts uploadPeriodMinutes: give one of them")
  }
  return Result.succeed({
    periodMinutes,
    periodSeconds: seconds ?? Math.max(1, periodMinutes) * 60,
    codec: given(body.compressionFormat) ?? defaultCodec,
    keyLayout: keyLayout ?? before?.upload.keyLayout ?? "documented",
    emptyWindows: emptyWindows ?? before?.upload.emptyWindows ?? "none"
  })
}

export const wantedOf = (wish: Wish): Result.Result<Wanted, BadRequest> =>
  Result.gen(function*() {
    const { before, body } = wish
    const bucket = yield* bucketOf(body)
    const accessKeyId = yield* accessKeyOf(body)
    const secret = yield* secretOf(wish)
    const url = yield* urlOf(wish)
    const keyPrefix = yield* prefixOf(body)
    const upload = yield* uploadOf(wish)
    const user = given(body.user)
    const config: S3Config = {
      _tag: "s3",
      url,
      bucket,
      region: given(body.s3Region) ?? "",
      keyPrefix,
      accessKeyId,
      addressing: ours(body).addressing ?? before?.config.addressing ?? "auto",
      ...(user === undefined ? {} : { user })
    }
    return { config, upload, secret }
  })

/**
 * What Cloud Storage's answers mean: a table over statuses and reasons. Pure.
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes and
 * https://cloud.google.com/storage/docs/retry-strategy
 */
import { Answer, Inspection } from "@tailrace/domain"
import { Option, Schema } from "effect"
import type { HttpResponse } from "../network/HttpSender.ts"
import { withoutMarkup } from "../network/OwnersText.ts"
import { retryAfterMillis } from "../network/RetryAfter.ts"
import { serviceMessage } from "../store/ServiceMessage.ts"

const Refusal = Schema.fromJsonString(Schema.Struct({
  error: Schema.Struct({
    message: Schema.optional(Schema.String),
    errors: Schema.optional(Schema.Array(Schema.Struct({ reason: Schema.optional(Schema.String) })))
  })
}))
const decodeRefusal = Schema.decodeUnknownOption(Refusal)

export interface GcsWords {
  /** `errors[0].reason`, for example `conditionNotMet`; may be empty. */
  readonly code: string
  readonly words: string
}

/** Uploads are refused in plain text at times. */
export const gcsWords = ({ text }: HttpResponse): GcsWords =>
  Option.match(decodeRefusal(text), {
    onNone: () => ({ code: "", words: withoutMarkup(text) }),
    onSome: ({ error }) => ({ code: error.errors?.[0]?.reason ?? "", words: error.message ?? "" })
  })

/** Answered, but the same request may succeed later. */
const transientStatuses = new Set([408, 409, 425, 429])

/** Of status 403, yet no fault of the configuration. */
const transientCodes = new Set(["rateLimitExceeded", "userRateLimitExceeded"])

/** 501, 505: the same request never succeeds. */
const permanentStatuses = new Set([501, 505])

/** A checksum that does not fit: damaged on the way. */
const isDamaged = (status: number, { words }: GcsWords) => status === 400 && /\b(crc32c|md5|hash)\b/i.test(words)

/** 412 is also the answer to what an organisation's policy forbids. */
const isForbiddenByPolicy = (status: number, { words }: GcsWords) => status === 412 && /constraints?\b/i.test(words)

/**
 * An object that lies there is only replaced by who may delete it (`Objects: insert`, required permissions); asking for
 * that says that one lies there, as nothing else needs it.
 */
const isTaken = (status: number, words: GcsWords) =>
  (status === 412 && !isForbiddenByPolicy(status, words)) ||
  (status === 403 && words.words.includes("storage.objects.delete"))

const isPermanent = (status: number, words: GcsWords): boolean => {
  if (status < 300 || transientStatuses.has(status) || transientCodes.has(words.code)) return false
  return !isDamaged(status, words) && (status < 500 || permanentStatuses.has(status))
}

const maybeStored = (status: number): boolean => status < 300 || status === 408 || status >= 500

export interface Reading {
  /** Cut out of messages. */
  readonly secrets: ReadonlyArray<string>
  readonly nowMillis: number
}

const foreign = "is not an answer of Cloud Storage"

const Named = Schema.fromJsonString(
  Schema.Struct({
    name: Schema.String,
    metadata: Schema.optional(Schema.Record(Schema.String, Schema.String))
  })
)
const decodeNamed = Schema.decodeUnknownOption(Named)

/** Whoever answers 200 without the object's name is not Cloud Storage. */
const describes = ({ status, text }: HttpResponse, key: string) =>
  status === 200 ? Option.filter(decodeNamed(text), ({ name }) => name === key) : Option.none()

const message = (status: number, words: GcsWords, { secrets }: Reading) =>
  serviceMessage(status < 300 ? { status, code: "", words: foreign } : { status, ...words }, secrets)

const pause = ({ headers }: HttpResponse, { nowMillis }: Reading) =>
  retryAfterMillis(headers["retry-after"] ?? null, nowMillis)

export const gcsPutAnswer = (response: HttpResponse, key: string, reading: Reading): Answer => {
  const { status } = response
  const words = gcsWords(response)
  if (Option.isSome(describes(response, key))) return Answer.cases.Delivered.make({})
  if (isTaken(status, words)) return Answer.cases.Taken.make({})
  const said = message(status, words, reading)
  return isPermanent(status, words)
    ? Answer.cases.Misconfigured.make({ message: said, status })
    : Answer.cases.Transient.make({
      message: said,
      status,
      retryAfterMillis: pause(response, reading),
      maybeStored: maybeStored(status)
    })
}

/** "No such object: b/o" is one thing, "The specified bucket does not exist." another. */
const isMissing = (status: number, { words }: GcsWords) => status === 404 && !/bucket does not exist/i.test(words)

export const gcsInspection = (response: HttpResponse, key: string, reading: Reading): Inspection => {
  const { status } = response
  const words = gcsWords(response)
  const object = describes(response, key)
  if (Option.isSome(object)) return Inspection.cases.Found.make({ seal: object.value.metadata?.["seal"] ?? null })
  if (isMissing(status, words)) return Inspection.cases.Missing.make({})
  const said = message(status, words, reading)
  return status === 403 && !transientCodes.has(words.code)
    ? Inspection.cases.Forbidden.make({ message: said })
    : Inspection.cases.Failed.make({ message: said, status, retryAfterMillis: pause(response, reading) })
}

/** An access token, and what can come in its place. Pure. */
import { Answer } from "@tailrace/domain"
import { Duration, Option, Schema } from "effect"
import type { HttpFailure, HttpResponse } from "../../network/HttpSender.ts"
import { withoutMarkup } from "../../network/OwnersText.ts"
import { retryAfterMillis } from "../../network/RetryAfter.ts"
import { isUnusable } from "../../network/Unreachable.ts"
import { serviceMessage, unansweredMessage } from "../../store/ServiceMessage.ts"
import { longestLifetime, renewalMargin } from "../GcsLimits.ts"

export interface AccessToken {
  readonly value: string
  /** Milliseconds since 1970. */
  readonly renewAt: number
  readonly endsAt: number
}

/** As a store answers: nothing was stored. */
export type TokenFailure = Extract<Answer, { readonly _tag: "Transient" | "Misconfigured" }>

export const lifetime = (value: string, seconds: number, nowMillis: number): AccessToken => {
  const life = Math.min(Math.max(0, seconds * 1_000), Duration.toMillis(longestLifetime))
  const margin = Math.min(Duration.toMillis(renewalMargin), life / 4)
  return { value, endsAt: nowMillis + life, renewAt: nowMillis + life - margin }
}

const ErrorText = Schema.fromJsonString(
  Schema.Struct({ error: Schema.String, error_description: Schema.optional(Schema.String) })
)
const ErrorObject = Schema.fromJsonString(
  Schema.Struct({ error: Schema.Struct({ status: Schema.optional(Schema.String), message: Schema.String }) })
)
const asText = Schema.decodeUnknownOption(ErrorText)
const asObject = Schema.decodeUnknownOption(ErrorObject)

interface Words {
  readonly code: string
  readonly words: string
}

/** OAuth's form (RFC 6749 §5.2), or that of Google's APIs. */
const wordsOf = (text: string): Words =>
  asText(text).pipe(
    Option.map((read) => ({ code: read.error, words: read.error_description ?? "" })),
    Option.orElse(() =>
      Option.map(asObject(text), ({ error }) => ({ code: error.status ?? "", words: error.message }))
    ),
    Option.getOrElse(() => ({ code: "", words: withoutMarkup(text) }))
  )

const transientStatuses = new Set([408, 425, 429])

/** "Token must be a short-lived token (60 minutes) and in a reasonable timeframe": a clock that is being set. */
const isPassing = (status: number, { code, words }: Words) =>
  status < 300 || status >= 500 || transientStatuses.has(status) || code === "internal_failure" ||
  /reasonable timeframe/i.test(words)

export interface Asked {
  /** Whose answer it is, for the message: `token endpoint`. */
  readonly what: string
  readonly secrets: ReadonlyArray<string>
  readonly nowMillis: number
  /** Its words are kept from the owner: they may be of a machine that is none of the owner's business. */
  readonly silent?: boolean
}

/** Of an answer without what was asked for in it. */
export const refusedToken = (
  { headers, status, text }: HttpResponse,
  { nowMillis, secrets, silent = false, what }: Asked
): TokenFailure => {
  const said = wordsOf(text)
  const shown = silent ? { code: "", words: "" } : said
  const words = status < 300 ? "is not the answer that was expected" : shown.words
  const message = `${what}: ${serviceMessage({ status, code: shown.code, words }, secrets)}`
  return isPassing(status, said)
    ? Answer.cases.Transient.make({
      message,
      status,
      retryAfterMillis: retryAfterMillis(headers["retry-after"] ?? null, nowMillis),
      maybeStored: false
    })
    : Answer.cases.Misconfigured.make({ message, status })
}

export const noToken = (failure: HttpFailure, { secrets, what }: Asked): TokenFailure => {
  const message = `${what}: ${unansweredMessage(failure, secrets)}`
  return isUnusable(failure.code)
    ? Answer.cases.Misconfigured.make({ message, status: null })
    : Answer.cases.Transient.make({ message, status: null, retryAfterMillis: null, maybeStored: false })
}

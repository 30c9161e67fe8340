/**
 * What an answer to a whole request means by its status: the table that services with plain HTTP semantics share. Each
 * type looks inside the bodies of its own 2xx answers first. Pure.
 */
import { ReceiverAnswer, type ReceiverProbe } from "@tailrace/domain"
import type { HttpFailure, HttpResponse } from "../network/HttpSender.ts"
import { ownersText, withoutMarkup } from "../network/OwnersText.ts"
import { retryAfterMillis } from "../network/RetryAfter.ts"
import { isUnusable } from "../network/Unreachable.ts"

/** What is the same in answers and in probes. */
export type Failure = Extract<ReceiverAnswer, ReceiverProbe>

/** When an answer was read, and what must not be repeated from it. */
export interface Reading {
  readonly nowMillis: number
  /** In every form in which they were sent. */
  readonly secrets: ReadonlyArray<string>
  /** A pause that a service asks for in a way of its own; `Retry-After` goes first. */
  readonly pauseMillis?: number | null
}

/** Answered, but the same request may succeed later (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4). */
const transientStatuses = new Set([408, 409, 423, 425, 429])

/** Something in the body is not liked, and it is not said what: half of it may be. */
const contentStatuses = new Set([400, 413, 422])

/** 501, 505: the same request never succeeds. */
const permanentStatuses = new Set([501, 505])

/** A service that answers so has taken nothing. */
const surelyRefused = new Set([409, 423, 425, 429, 503])

/** `429 Too many requests, slow down`: the service's own first words behind the status. */
export const statusMessage = ({ status, text }: HttpResponse, { secrets }: Reading): string =>
  ownersText(`${status} ${withoutMarkup(text)}`, secrets)

const pauseOf = ({ headers }: HttpResponse, { nowMillis, pauseMillis }: Reading): number | null =>
  retryAfterMillis(headers["retry-after"] ?? null, nowMillis) ?? pauseMillis ?? null

export const misconfigured = (message: string, status: number | null) =>
  ReceiverAnswer.cases.Misconfigured.make({ message, status })

export const tooLarge = (message: string, status: number | null) =>
  ReceiverAnswer.cases.TooLarge.make({ message, status })

const transient = (response: HttpResponse, reading: Reading) =>
  ReceiverAnswer.cases.Transient.make({
    message: statusMessage(response, reading),
    status: response.status,
    retryAfterMillis: pauseOf(response, reading),
    maybeStored: !surelyRefused.has(response.status)
  })

/** A 2xx answer whose body is not what this service would say: nobody knows what became of the request. */
export const unreadable = (response: HttpResponse, reading: Reading) =>
  ReceiverAnswer.cases.Transient.make({
    message: ownersText(`not understood: ${statusMessage(response, reading)}`, reading.secrets),
    status: response.status,
    retryAfterMillis: null,
    maybeStored: true
  })

/** Any answer but 2xx. Redirects are not followed, so they are an owner's affair. */
export const statusAnswer = (response: HttpResponse, reading: Reading): ReceiverAnswer => {
  const { status } = response
  const message = statusMessage(response, reading)
  if (contentStatuses.has(status)) return tooLarge(message, status)
  if (transientStatuses.has(status)) return transient(response, reading)
  if (status >= 300 && status < 400) {
    const place = response.headers["location"] ?? "nowhere"
    return misconfigured(ownersText(`${status} redirects to ${place}`, reading.secrets), status)
  }
  return status < 500 || permanentStatuses.has(status) ? misconfigured(message, status) : transient(response, reading)
}

/** The same of a probe, which sends nothing that halves could mend. */
export const statusProbe = (response: HttpResponse, reading: Reading): Failure => {
  const answer = statusAnswer(response, reading)
  return answer._tag === "Transient" || answer._tag === "Misconfigured"
    ? answer
    : misconfigured(statusMessage(response, reading), response.status)
}

/** No answer: only what an owner can mend is a fault of the configuration. */
export const failureAnswer = ({ code, reason, sent }: HttpFailure, { secrets }: Reading): Failure => {
  const message = ownersText(reason.includes(code) ? reason : `${code}: ${reason}`, secrets)
  return isUnusable(code)
    ? misconfigured(message, null)
    : ReceiverAnswer.cases.Transient.make({ message, status: null, retryAfterMillis: null, maybeStored: sent })
}

export const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300

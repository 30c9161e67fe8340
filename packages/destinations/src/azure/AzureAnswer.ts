/**
 * What Blob Storage's answers mean: a table over statuses and codes. Pure.
 * https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and
 * https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 */
import { Answer, Inspection } from "@tailrace/domain"
import type { HttpResponse } from "../network/HttpSender.ts"
import { withoutMarkup } from "../network/OwnersText.ts"
import { retryAfterMillis } from "../network/RetryAfter.ts"
import { serviceMessage } from "../store/ServiceMessage.ts"

/** A blob is there, and stays. The last is of a signature that may create, but not write. */
const takenCodes = new Set([
  "BlobAlreadyExists",
  "BlobImmutableDueToLegalHold",
  "BlobImmutableDueToPolicy",
  "UnauthorizedBlobOverwrite"
])

/** Answered, but the same request may succeed later. */
const transientStatuses = new Set([408, 409, 425, 429])

/** Of status 400, yet no fault of the configuration: damaged on the way. */
const transientCodes = new Set(["Crc64Mismatch", "Md5Mismatch", "OperationTimedOut", "ServerBusy"])

/** Of status 409, but nothing that passes. */
const permanentCodes = new Set(["ContainerDisabled", "FeatureVersionMismatch", "InvalidBlobType"])

/** 501, 505: the same request never succeeds. */
const permanentStatuses = new Set([501, 505])

export interface AzureWords {
  /** The header, or what the body says; empty if neither does. */
  readonly code: string
  readonly words: string
  /** `AuthenticationErrorDetail`; may show a signature. */
  readonly detail: string
}

const element = (text: string, name: string) =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]?.trim().split("\n", 1)[0] ?? ""

/** `HEAD` answers have no body; a proxy's page has no code. */
export const azureWords = ({ headers, text }: HttpResponse): AzureWords => {
  const code = headers["x-ms-error-code"] ?? element(text, "Code")
  const message = element(text, "Message")
  return {
    code,
    words: message === "" && code === "" ? withoutMarkup(text) : message,
    detail: element(text, "AuthenticationErrorDetail")
  }
}

/** A clock that is being set; a shared access signature that has ended is another matter. */
const isClock = ({ detail }: AzureWords) => /date header/i.test(detail)

const isPermanent = (status: number, words: AzureWords): boolean => {
  if (permanentCodes.has(words.code)) return true
  if (status < 300 || transientStatuses.has(status) || transientCodes.has(words.code)) return false
  return !isClock(words) && (status < 500 || permanentStatuses.has(status))
}

/** A success of another status than the one that is documented, or 5xx, leaves it open; `ServerBusy` does not. */
const maybeStored = (status: number, code: string): boolean =>
  status < 300 || status === 408 || (status >= 500 && code !== "ServerBusy")

const shown = ({ detail, words }: AzureWords) =>
  /time frame|date header/i.test(detail) ? `${words} ${detail}`.trim() : words

export interface Reading {
  /** Cut out of messages. */
  readonly secrets: ReadonlyArray<string>
  readonly nowMillis: number
}

const message = (status: number, words: AzureWords, { secrets }: Reading): string =>
  serviceMessage({
    status,
    code: words.code,
    words: status < 300 && words.code === "" ? "is not an answer of Blob Storage" : shown(words)
  }, secrets)

/** `Put Blob` is answered with 201; whoever says anything else of a success is not Blob Storage. */
export const azurePutAnswer = (response: HttpResponse, reading: Reading): Answer => {
  const { status } = response
  const words = azureWords(response)
  if (status === 201) return Answer.cases.Delivered.make({})
  if (status === 412 || takenCodes.has(words.code)) return Answer.cases.Taken.make({})
  if (isPermanent(status, words)) {
    return Answer.cases.Misconfigured.make({ message: message(status, words, reading), status })
  }
  return Answer.cases.Transient.make({
    message: message(status, words, reading),
    status,
    retryAfterMillis: retryAfterMillis(response.headers["retry-after"] ?? null, reading.nowMillis),
    maybeStored: maybeStored(status, words.code)
  })
}

/** A blob has a type, so that another server's page is none; a missing container is a failure, not a missing blob. */
export const azureInspection = (response: HttpResponse, reading: Reading): Inspection => {
  const { headers, status } = response
  const words = azureWords(response)
  if (status === 200 && headers["x-ms-blob-type"] !== undefined) {
    return Inspection.cases.Found.make({ seal: headers["x-ms-meta-seal"] ?? null })
  }
  if (status === 404 && (words.code === "BlobNotFound" || words.code === "")) return Inspection.cases.Missing.make({})
  const said = message(status, words, reading)
  if (status === 403) return Inspection.cases.Forbidden.make({ message: said })
  return Inspection.cases.Failed.make({
    message: said,
    status,
    retryAfterMillis: retryAfterMillis(headers["retry-after"] ?? null, reading.nowMillis)
  })
}

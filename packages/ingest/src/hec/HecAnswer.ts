/**
 * The answers of a Splunk HTTP Event Collector that this receiver gives (Splunk's "Troubleshoot HTTP Event Collector";
 * statuses and texts as real servers answer). `invalid-event-number` counts the body's objects from 0.
 */
import { HttpServerResponse } from "effect/http"

const answers = {
  success: { status: 200, code: 0, text: "Success" },
  tokenRequired: { status: 401, code: 2, text: "Token is required" },
  invalidAuthorization: { status: 401, code: 3, text: "Invalid authorization" },
  invalidToken: { status: 403, code: 4, text: "Invalid token" },
  noData: { status: 400, code: 5, text: "No data" },
  invalidData: { status: 400, code: 6, text: "Invalid data format" },
  /** Splunk answers 400; 403 keeps a sender from taking it for a broken record: nothing of the request was taken. */
  incorrectIndex: { status: 403, code: 7, text: "Incorrect index" },
  internalError: { status: 500, code: 8, text: "Internal server error" },
  busy: { status: 503, code: 9, text: "Server is busy" },
  eventRequired: { status: 400, code: 12, text: "Event field is required" },
  eventBlank: { status: 400, code: 13, text: "Event field cannot be blank" },
  ackDisabled: { status: 400, code: 14, text: "ACK is disabled" },
  indexedFields: { status: 400, code: 15, text: "Error in handling indexed fields" },
  healthy: { status: 200, code: 17, text: "HEC is healthy" },
  shuttingDown: { status: 503, code: 23, text: "Server is shutting down" },
  tooManyRefusals: { status: 429, code: 9, text: "Server is busy: too many invalid tokens from this address" },
  tooLarge: { status: 413, code: 6, text: "Invalid data format" },
  unsupportedEncoding: { status: 415, code: 6, text: "Invalid data format" },
  notFound: { status: 404, code: 404, text: "The requested URL was not found on this server." },
  wrongMethod: { status: 405, code: 404, text: "The requested URL was not found on this server." }
} as const

export type HecAnswerName = keyof typeof answers

export interface HecAnswer {
  readonly name: HecAnswerName
  /** Which object of the body is meant, from 0. */
  readonly event?: number
  /** Put behind Splunk's own text. */
  readonly detail?: string
}

/** Seconds after which a sender may try again. */
const retryAfter = new Map<number, string>([[429, "60"], [503, "1"]])

export const toResponse = ({ detail, event, name }: HecAnswer): HttpServerResponse.HttpServerResponse => {
  const { code, status, text } = answers[name]
  const after = retryAfter.get(status)
  const body = {
    text: detail === undefined ? text : `${text}: ${detail}`,
    code,
    ...(event === undefined ? {} : { "invalid-event-number": event })
  }
  return HttpServerResponse.jsonUnsafe(body, {
    status,
    ...(after === undefined ? {} : { headers: { "retry-after": after } })
  })
}

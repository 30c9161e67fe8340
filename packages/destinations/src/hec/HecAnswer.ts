/**
 * What the answer of an HTTP Event Collector means: a table over Splunk's codes ("Troubleshoot HTTP Event Collector" in
 * Splunk's documentation, and what Splunk Enterprise 10.4 and Splunk Cloud 10.5 were seen to answer). Pure.
 */
import { ReceiverAnswer, type RefusedItem } from "@tailrace/domain"
import { Option, Schema } from "effect"
import { isSuccess, misconfigured, type Reading, statusAnswer, tooLarge, unreadable } from "../http/StatusAnswer.ts"
import type { HttpResponse } from "../network/HttpSender.ts"
import { ownersText } from "../network/OwnersText.ts"
import { retryAfterMillis } from "../network/RetryAfter.ts"

const Body = Schema.fromJsonString(Schema.Struct({
  code: Schema.Int,
  text: Schema.optional(Schema.String),
  "invalid-event-number": Schema.optional(Schema.Int),
  ackId: Schema.optional(Schema.Int)
}))
export type HecBody = typeof Body.Type

const decode = Schema.decodeUnknownOption(Body)

/** None: not in an event collector's words. */
export const hecBody = ({ text }: HttpResponse): Option.Option<HecBody> => decode(text)

/**
 * `owner`: only somebody who owns the destination can mend it; `record`: one event is at fault; `index`: its index is;
 * `busy`: nothing was taken; `unknown`: it is open what was.
 */
type Meaning = "taken" | "slower" | "owner" | "record" | "index" | "busy" | "unknown"

/** By code. */
const meanings: Readonly<Record<number, Meaning>> = {
  0: "taken",
  /** Token disabled, required, not understood, unknown. */
  1: "owner",
  2: "owner",
  3: "owner",
  4: "owner",
  /** No data: something on the way took the body. */
  5: "owner",
  6: "record",
  7: "index",
  8: "unknown",
  9: "busy",
  /** Channel missing (28 on Splunk Cloud) or invalid: the token asks for acknowledgement, which a probe finds out. */
  10: "owner",
  11: "owner",
  12: "record",
  13: "record",
  /** Acknowledgement is disabled. */
  14: "owner",
  15: "record",
  /** A token in the query. */
  16: "owner",
  /** Answers of the health endpoint: the URL is a wrong one. */
  17: "owner",
  18: "busy",
  19: "busy",
  20: "busy",
  21: "owner",
  22: "owner",
  /** Shutting down. */
  23: "busy",
  /** Taken, but the queue, or that of acknowledgements, is nearly full … */
  24: "slower",
  25: "slower",
  /** … and here it is. */
  26: "busy",
  27: "busy",
  28: "owner"
}

/** Splunk Cloud answers to a body that is too large as if its first event were broken; never to a smaller one. */
const suspiciousBytes = 5 * 1024 * 1024

export interface Sent {
  /** Records in the request. */
  readonly count: number
  /** Bytes before compression. */
  readonly contentBytes: number
}

interface Read {
  readonly body: HecBody
  readonly response: HttpResponse
  readonly reading: Reading
  readonly sent: Sent
}

export const hecMessage = ({ code, text = "" }: HecBody, status: number, secrets: ReadonlyArray<string>): string =>
  ownersText(`${status} ${text} (code ${code})`, secrets)

const messageOf = ({ body, reading, response }: Read) => hecMessage(body, response.status, reading.secrets)

const transient = (read: Read, maybeStored: boolean) =>
  ReceiverAnswer.cases.Transient.make({
    message: messageOf(read),
    status: read.response.status,
    retryAfterMillis: retryAfterMillis(read.response.headers["retry-after"] ?? null, read.reading.nowMillis),
    maybeStored
  })

/** All before `bad` are taken, none behind it. */
const partly = (read: Read, bad: number) => {
  const refused: RefusedItem = { index: bad, reason: messageOf(read) }
  const again = Array.from({ length: read.sent.count - bad - 1 }, (_, index) => bad + 1 + index)
  return ReceiverAnswer.cases.Partly.make({ refused: [refused], again, failure: null })
}

/** An answer that does not say which record is at fault, or names none of them: halves will show. */
const recordAnswer = (read: Read, bad: number): ReceiverAnswer => {
  const { contentBytes, count } = read.sent
  const isNamed = bad >= 0 && bad < count
  const isSize = bad === 0 && read.body.code === 6 && contentBytes > suspiciousBytes
  return isNamed && !isSize ? partly(read, bad) : tooLarge(messageOf(read), read.response.status)
}

/**
 * With code 7 Splunk names the event behind the one at fault. No event of ours names an index: where the first one is
 * refused, the token's own index is wrong, and nothing was taken.
 */
const indexAnswer = (read: Read, named: number): ReceiverAnswer =>
  named > 1 ? recordAnswer(read, named - 1) : misconfigured(messageOf(read), read.response.status)

const answers: Readonly<Record<Meaning, (read: Read, named: number) => ReceiverAnswer>> = {
  taken: () => ReceiverAnswer.cases.Accepted.make({ slower: false }),
  slower: () => ReceiverAnswer.cases.Accepted.make({ slower: true }),
  owner: (read) => misconfigured(messageOf(read), read.response.status),
  record: recordAnswer,
  index: indexAnswer,
  busy: (read) => transient(read, false),
  unknown: (read) => transient(read, true)
}

/** Whatever the code: the status says it all. */
const byStatus = new Set([401, 403, 404, 405, 408, 413, 415, 429])

const byCode = (read: Read): ReceiverAnswer => {
  const { body, reading, response } = read
  const meaning = meanings[body.code]
  if (meaning === undefined) {
    return isSuccess(response) ? unreadable(response, reading) : statusAnswer(worded(response), reading)
  }
  return answers[meaning](read, body["invalid-event-number"] ?? -1)
}

/** Its words instead of its JSON, for a person. */
const worded = (response: HttpResponse): HttpResponse =>
  Option.match(hecBody(response), {
    onNone: () => response,
    onSome: ({ code, text = "" }) => ({ ...response, text: `${text} (code ${code})` })
  })

/** Of a service that answers as Splunk does, and in no other way. */
export const hecAnswer = (response: HttpResponse, reading: Reading, sent: Sent): ReceiverAnswer => {
  const body = Option.getOrUndefined(hecBody(response))
  if (body !== undefined && !byStatus.has(response.status)) return byCode({ body, response, reading, sent })
  if (isSuccess(response)) return unreadable(response, reading)
  const answer = statusAnswer(worded(response), reading)
  // A 400 that is not an event collector's is not about an event.
  return answer._tag === "TooLarge" && response.status !== 413 ? misconfigured(answer.message, response.status) : answer
}

/** Of a service of which only statuses are documented; what it says in Splunk's words is understood. */
export const likeHecAnswer = (response: HttpResponse, reading: Reading, sent: Sent): ReceiverAnswer => {
  const body = Option.getOrUndefined(hecBody(response))
  if (body !== undefined && !byStatus.has(response.status) && meanings[body.code] !== undefined) {
    return byCode({ body, response, reading, sent })
  }
  return isSuccess(response)
    ? ReceiverAnswer.cases.Accepted.make({ slower: false })
    : statusAnswer(worded(response), reading)
}

/**
 * Adapter: one HTTP request through the guard's agents, for every destination whose service has no client of its own.
 * It makes one attempt, follows no redirect, reads a bounded part of the answer, and says of a failure whether the
 * request had been sent as a whole. What an answer means is each destination's affair.
 */
import { Duration, Effect, Schema } from "effect"
import { type IncomingMessage, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import { userAgent } from "../UserAgent.ts"
import type { Agents } from "./GuardedAgents.ts"
import { askFirstBytes, sendBody } from "./RequestBody.ts"
import { headersOf, limitTimes } from "./RequestTimes.ts"

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT"
  /** Used as given; the guard has passed it. */
  readonly url: string
  /** `User-Agent` and `Content-Length` are put in. Names as they shall be sent. */
  readonly headers: Readonly<Record<string, string>>
  /** Pieces are sent one after another, without being joined. */
  readonly body?: Uint8Array | ReadonlyArray<Uint8Array>
  /** Ask the server before a large body is sent (`Expect: 100-continue`), so that a refusal costs no upload. */
  readonly askFirst?: boolean
  /** Bytes of the answer's body that are of interest; the rest is not read. Default 64 KiB. */
  readonly answerBytes?: number
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The body's beginning as UTF-8. */
  readonly text: string
  /** There was more. */
  readonly truncated: boolean
}

/** No answer. `code` is node's (`ECONNREFUSED`); `sent`: the request had left as a whole, so it may have had effect. */
export class HttpFailure extends Schema.TaggedError<HttpFailure>()("HttpFailure", {
  code: Schema.String,
  reason: Schema.String,
  sent: Schema.Boolean
}) {
  override get message(): string {
    return this.reason
  }
}

/** From the first byte sent to the last byte of the answer that is read … */
const answerTimeout = Duration.seconds(60)

/** … and longer for a body at this slowest bearable speed. */
const slowestBytesPerSecond = 64 * 1024

const defaultAnswerBytes = 64 * 1024

const Loose = Schema.Struct({ code: Schema.optional(Schema.String), message: Schema.optional(Schema.String) })
const decodeLoose = Schema.decodeUnknownOption(Loose)

const failureOf = (cause: unknown, sent: boolean): HttpFailure => {
  const read = decodeLoose(cause)
  const { code = "UNKNOWN", message = "no answer" } = read._tag === "Some" ? read.value : {}
  return new HttpFailure({ code, reason: message, sent })
}

const within = (what: string, after: Duration.Duration): string =>
  `${what} within ${Math.round(Duration.toSeconds(after))} s`

const stalled = (after: Duration.Duration) => within("no byte of the body was taken", after)

const timedOut = (after: Duration.Duration): Error =>
  Object.assign(new Error(within("no answer", after)), { code: "ETIMEDOUT" })

interface Answered {
  readonly message: IncomingMessage
  readonly limit: number
  readonly done: (response: HttpResponse) => void
  readonly failed: (error: Error) => void
}

/** Reads up to the limit; a longer body is left, and its connection with it. */
const readAnswer = ({ done, failed, limit, message }: Answered) => {
  const pieces: Array<Buffer> = []
  let bytes = 0
  const finish = (truncated: boolean) => {
    const text = Buffer.concat(pieces).subarray(0, limit).toString("utf8")
    done({ status: message.statusCode ?? 0, headers: headersOf(message), text, truncated })
    if (truncated) message.destroy()
  }
  message.on("data", (piece: Buffer) => {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > limit) finish(true)
  })
  // The connection is free a moment after the end: a request that follows at once shall find it.
  message.once("end", () => setImmediate(() => finish(false)))
  message.once("error", failed)
}

const piecesOf = ({ body }: HttpRequest): ReadonlyArray<Uint8Array> =>
  body === undefined ? [] : body instanceof Uint8Array ? [body] : body

/** A request that can have a body says how long it is, also when there is none (RFC 9110 §8.6). */
const lengthHeader = ({ body, method }: HttpRequest, bytes: number): Readonly<Record<string, string>> =>
  body === undefined && (method === "GET" || method === "HEAD") ? {} : { "Content-Length": `${bytes}` }

/**
 * Sends one request. Fails with `HttpFailure` when no answer, or not all of its head, came; every status is an answer.
 * Interruption aborts.
 *
 * @example
 * ```ts
 * sendHttp(guard.agents, { method: "POST", url, headers: { "Content-Type": "application/json" }, body })
 * ```
 */
export const sendHttp = (agents: Agents, request: HttpRequest): Effect.Effect<HttpResponse, HttpFailure> => {
  const secure = request.url.startsWith("https:")
  const pieces = piecesOf(request)
  const bodyBytes = pieces.reduce((bytes, piece) => bytes + piece.byteLength, 0)
  const askFirst = request.askFirst === true && bodyBytes >= askFirstBytes
  const limit = Duration.sum(answerTimeout, Duration.seconds(bodyBytes / slowestBytesPerSecond))
  let sent = false
  const attempt = Effect.callback<HttpResponse, HttpFailure>((resume, signal) => {
    sent = false
    const failed = (error: Error) => resume(Effect.fail(failureOf(error, sent)))
    const done = (response: HttpResponse) => resume(Effect.succeed(response))
    try {
      const outgoing = (secure ? httpsRequest : httpRequest)(request.url, {
        method: request.method,
        headers: {
          ...request.headers,
          "User-Agent": userAgent,
          ...lengthHeader(request, bodyBytes),
          ...(askFirst ? { Expect: "100-continue" } : {})
        },
        agent: secure ? agents.https : agents.http,
        signal
      })
      outgoing.once("finish", () => void (sent = true))
      outgoing.once("response", (message) => {
        // The rest of the body would be taken for the next request.
        if (!sent) outgoing.shouldKeepAlive = false
        readAnswer({ message, limit: request.answerBytes ?? defaultAnswerBytes, done, failed })
      })
      outgoing.on("error", failed)
      limitTimes(outgoing, { secure, isSent: () => sent, stalled })
      sendBody(outgoing, { pieces, askFirst, secure })
    } catch (error) {
      // Node throws at once for a header or path that cannot be sent.
      resume(Effect.fail(failureOf(error, false)))
    }
  })
  return attempt.pipe(Effect.timeoutOrElse({
    duration: limit,
    orElse: () => Effect.fail(failureOf(timedOut(limit), sent))
  }))
}

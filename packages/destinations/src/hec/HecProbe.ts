/**
 * Whether a collector can be sent to, and how. A look is a body without any event: that is refused as such ("No data")
 * only after the token was taken, while the health endpoint answers to anybody.
 */
import { type Capabilities, ReceiverProbe } from "@tailrace/domain"
import { Clock, Effect, Option } from "effect"
import { emptyStatuses, sampleMessage } from "../http/probe.ts"
import {
  type Failure,
  isSuccess,
  misconfigured,
  type Reading,
  statusMessage,
  statusProbe
} from "../http/StatusAnswer.ts"
import type { HttpResponse } from "../network/HttpSender.ts"
import { acksOf, askAcks } from "./HecAcknowledgement.ts"
import { hecBody, hecMessage } from "./HecAnswer.ts"
import type { Scheme } from "./HecAuthorization.ts"
import { type HecClient, post, schemeOf } from "./HecClient.ts"

const nothing = new Uint8Array()

/** 10, and on Splunk Cloud 28: the channel is missing. */
const asksForChannel = (response: HttpResponse): boolean =>
  Option.exists(hecBody(response), ({ code }) => code === 10 || code === 28)

/** "No data" in an event collector's words, or its success: the token is taken. */
export const saysNoData = (response: HttpResponse): boolean =>
  Option.exists(hecBody(response), ({ code }) => code === 0 || code === 5)

/** The same of a service of which no words are documented. */
export const isLooked = (response: HttpResponse): boolean => isSuccess(response) || emptyStatuses.has(response.status)

export const wordsOf = (response: HttpResponse, reading: Reading): string =>
  Option.match(hecBody(response), {
    onNone: () => statusMessage(response, reading),
    onSome: (body) => hecMessage(body, response.status, reading.secrets)
  })

const failureOf = (response: HttpResponse, reading: Reading): Failure => {
  const failure = response.status < 300
    ? misconfigured(`not understood: ${statusMessage(response, reading)}`, response.status)
    : statusProbe(response, reading)
  return { ...failure, message: wordsOf(response, reading) }
}

interface Looked {
  readonly response: HttpResponse
  readonly message: string
  readonly failure: Failure | null
}

const readLook = ({ form }: HecClient) => (response: HttpResponse, reading: Reading): Looked => ({
  response,
  message: wordsOf(response, reading),
  failure: asksForChannel(response) || form.isUsable(response) ? null : failureOf(response, reading)
})

const lookAs = (client: HecClient, scheme: Scheme) =>
  post(client, { scheme, body: nothing, hasChannel: false, read: readLook(client) })

/** A look that another scheme may better. A collector's own 403 is about the token, which it understood. */
const isRefused = (looked: Looked | Failure): boolean => {
  if (!("response" in looked) || looked.failure === null) return false
  const { response } = looked
  return response.status === 401 || response.status === 403 && Option.isNone(hecBody(response))
}

/** The first scheme that is taken; if none is, what the first one was answered. */
const lookForScheme = Effect.fnUntraced(function*(client: HecClient) {
  const [usual = "splunk", ...others] = client.schemes
  const first = yield* lookAs(client, usual)
  if (!isRefused(first)) return { scheme: usual, looked: first }
  for (const scheme of others) {
    const looked = yield* lookAs(client, scheme)
    if ("response" in looked && looked.failure === null) return { scheme, looked }
  }
  return { scheme: usual, looked: first }
})

/** Where an empty body is refused before the channel is missed, the endpoint for acknowledgements knows. */
const acknowledges = (client: HecClient, known: Capabilities) =>
  askAcks(client, { ids: [0], known, read: (response) => Option.isSome(acksOf(response)) }).pipe(
    Effect.map((said) => said === true)
  )

/** Changes nothing there. */
export const look = Effect.fnUntraced(function*(client: HecClient): Effect.fn.Return<ReceiverProbe> {
  const { looked, scheme } = yield* lookForScheme(client)
  if (!("response" in looked)) return looked
  if (looked.failure !== null) return looked.failure
  const known: Capabilities = client.schemes.length > 1 ? { scheme } : {}
  if (client.form.ackUrl === null) {
    return ReceiverProbe.cases.Usable.make({ capabilities: known, message: looked.message })
  }
  const asks = asksForChannel(looked.response) || (yield* acknowledges(client, known))
  const capabilities: Capabilities = { ...known, acknowledges: asks }
  return ReceiverProbe.cases.Usable.make({ capabilities, message: looked.message })
})

/** One event that says of itself what it is, in the form of all others. */
const sampleBody = ({ form: { envelope } }: HecClient, millis: number): Uint8Array => {
  const iso = new Date(millis).toISOString()
  const time = envelope.time === "seconds" ? (millis / 1_000).toFixed(3) : JSON.stringify(iso)
  const event = JSON.stringify({ message: sampleMessage, tailraceTest: true })
  const fields = JSON.stringify({ recorded: iso })
  return new TextEncoder().encode(`${envelope.opening}${time},"event":${event},"fields":${fields}}${envelope.closing}`)
}

/** Sends it, with what a look found. */
export const sample = Effect.fnUntraced(function*(
  client: HecClient,
  capabilities: Capabilities
): Effect.fn.Return<ReceiverProbe> {
  const body = sampleBody(client, yield* Clock.currentTimeMillis)
  return yield* post(client, {
    scheme: schemeOf(client, capabilities),
    body,
    hasChannel: capabilities.acknowledges === true,
    read: (response, reading): ReceiverProbe => {
      const answer = client.form.answer(response, reading, { count: 1, contentBytes: body.length })
      return answer._tag === "Accepted"
        ? ReceiverProbe.cases.Usable.make({ capabilities, message: wordsOf(response, reading) })
        : failureOf(response, reading)
    }
  })
})

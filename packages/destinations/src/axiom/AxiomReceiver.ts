/** One Axiom dataset as a `Receiver`. */
import { type AxiomConfig, type ReceiverAnswer, ReceiverProbe } from "@tailrace/domain"
import { Clock, DateTime, Effect, Redacted, Result } from "effect"
import { exchange } from "../http/exchange.ts"
import { placeOf } from "../http/place.ts"
import { readProbe, sampleMessage } from "../http/probe.ts"
import { contentHeaders, secretForms } from "../http/requestHeaders.ts"
import { isSuccess, type Reading, statusMessage } from "../http/StatusAnswer.ts"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrlAsGiven } from "../network/Guard.ts"
import type { Agents } from "../network/GuardedAgents.ts"
import type { HttpRequest, HttpResponse } from "../network/HttpSender.ts"
import type { InvalidDestination } from "../ObjectStore.ts"
import type { Receiver, ReceiverRequest } from "../Receiver.ts"
import type { ReceiverType } from "../registry.ts"
import { axiomAnswer } from "./AxiomAnswer.ts"
import { axiomEncoder } from "./AxiomEncoder.ts"
import { answerBytes, axiomLimits } from "./AxiomLimits.ts"
import { sentTimes } from "./sentTimes.ts"

interface Opened {
  readonly url: string
  readonly token: string
  /** What must not be repeated from an answer. */
  readonly secrets: ReadonlyArray<string>
  readonly agents: Agents
}

export const checkAxiomConfig = (
  config: AxiomConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => Result.map(checkUrlAsGiven(config.url, allowed), () => undefined)

/** Region and dataset. */
export const axiomTarget = ({ url }: AxiomConfig): string => `axiom ${placeOf(url)}`

const post = ({ token, url }: Opened, body: Uint8Array, codec: ReceiverRequest["codec"]): HttpRequest => ({
  method: "POST",
  url,
  headers: { Authorization: `Bearer ${token}`, ...contentHeaders("application/x-ndjson", codec) },
  body,
  answerBytes
})

const sampleOf = (millis: number) =>
  new TextEncoder().encode(
    `${JSON.stringify({ _time: DateTime.formatIso(DateTime.makeUnsafe(millis)), message: sampleMessage })}\n`
  )

/** A sample that is refused is answered with 200 too. */
const readSample = (response: HttpResponse, reading: Reading): ReceiverProbe => {
  const isTaken = axiomAnswer(response, { ...reading, count: 1, times: () => [] })._tag === "Accepted"
  return isTaken || !isSuccess(response)
    ? readProbe()(response, reading)
    : ReceiverProbe.cases.Misconfigured.make({
      message: statusMessage(response, reading),
      status: response.status
    })
}

/** A request without an event: token and dataset are looked at all the same. */
const probe = (opened: Opened, kind: "look" | "sample"): Effect.Effect<ReceiverProbe> =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      exchange(post(opened, kind === "look" ? new Uint8Array() : sampleOf(now), "none"), {
        agents: opened.agents,
        secrets: opened.secrets,
        read: kind === "look" ? readProbe(new Set([400, 422])) : readSample
      })
  )

const send = (opened: Opened, request: ReceiverRequest): Effect.Effect<ReceiverAnswer> =>
  exchange(post(opened, request.body, request.codec), {
    agents: opened.agents,
    secrets: opened.secrets,
    read: (response, reading) =>
      axiomAnswer(response, { ...reading, count: request.count, times: () => sentTimes(request) })
  })

/** `secret` is an API token; personal tokens are not taken for ingest. */
export const openAxiomReceiver: ReceiverType<AxiomConfig>["open"] = Effect.fn("AxiomReceiver.open")(
  function*(config: AxiomConfig, secret: Redacted.Redacted, { context, guard }) {
    yield* Effect.fromResult(checkAxiomConfig(config, guard.allowed))
    const token = Redacted.value(secret)
    const opened = { url: config.url, token, secrets: secretForms(token), agents: guard.agents }
    return {
      limits: axiomLimits,
      encode: axiomEncoder(context.topic),
      send: Effect.fn("AxiomReceiver.send")((request: ReceiverRequest) => send(opened, request)),
      probe: Effect.fn("AxiomReceiver.probe")((kind: "look" | "sample") => probe(opened, kind))
    } satisfies Receiver
  }
)

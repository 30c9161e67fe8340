/** One data stream (or index) behind `_bulk` as a `Receiver`. */
import type { ElasticConfig, ReceiverAnswer, ReceiverProbe } from "@tailrace/domain"
import { Clock, DateTime, Effect, Redacted } from "effect"
import { exchange } from "../http/exchange.ts"
import { emptyStatuses, readProbe, sampleMessage } from "../http/probe.ts"
import { contentHeaders, secretForms } from "../http/requestHeaders.ts"
import { isSuccess, type Reading, statusMessage } from "../http/StatusAnswer.ts"
import type { Agents } from "../network/GuardedAgents.ts"
import type { HttpRequest, HttpResponse } from "../network/HttpSender.ts"
import type { Receiver, ReceiverRequest } from "../Receiver.ts"
import type { ReceiverType } from "../registry.ts"
import { elasticAnswer } from "./ElasticAnswer.ts"
import { elasticEncoder } from "./ElasticEncoder.ts"
import { bulkUrl, checkElasticConfig, elasticCredential } from "./ElasticEndpoint.ts"
import { answerBytes, elasticLimits } from "./ElasticLimits.ts"

interface Opened {
  readonly url: string
  readonly credential: string
  readonly secrets: ReadonlyArray<string>
  readonly agents: Agents
}

const post = ({ credential, url }: Opened, body: Uint8Array, codec: ReceiverRequest["codec"]): HttpRequest => ({
  method: "POST",
  url,
  headers: { Authorization: credential, ...contentHeaders("application/x-ndjson", codec) },
  body,
  answerBytes
})

const lines = (...values: ReadonlyArray<unknown>) =>
  new TextEncoder().encode(values.map((value) => `${JSON.stringify(value)}\n`).join(""))

const sampleOf = (millis: number) =>
  lines(
    { create: { _id: `tailrace-test-${millis}` } },
    { "@timestamp": DateTime.formatIso(DateTime.makeUnsafe(millis)), message: sampleMessage, tags: ["tailrace-test"] }
  )

/** A sample that is refused is answered with 200 too. */
const readSample = (response: HttpResponse, reading: Reading): ReceiverProbe => {
  const answer = elasticAnswer(response, { ...reading, count: 1 })
  if (answer._tag === "Transient" || answer._tag === "Misconfigured") return answer
  if (answer._tag === "Partly" && answer.failure !== null) return { _tag: "Transient", ...answer.failure }
  if (answer._tag === "Accepted" || !isSuccess(response)) return readProbe()(response, reading)
  return { _tag: "Misconfigured", message: statusMessage(response, reading), status: response.status }
}

/** A request without an operation: refused with 400 once the credential is taken, and nothing is stored. */
const probe = (opened: Opened, kind: "look" | "sample"): Effect.Effect<ReceiverProbe> =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      exchange(post(opened, kind === "look" ? new TextEncoder().encode("\n") : sampleOf(now), "none"), {
        agents: opened.agents,
        secrets: opened.secrets,
        read: kind === "look" ? readProbe(emptyStatuses) : readSample
      })
  )

const send = (opened: Opened, { body, codec, count }: ReceiverRequest): Effect.Effect<ReceiverAnswer> =>
  exchange(post(opened, body, codec), {
    agents: opened.agents,
    secrets: opened.secrets,
    read: (response, reading) => elasticAnswer(response, { ...reading, count })
  })

/** `secret` is the user's password or an API key. */
export const openElasticReceiver: ReceiverType<ElasticConfig>["open"] = Effect.fn("ElasticReceiver.open")(
  function*(config: ElasticConfig, secret: Redacted.Redacted, { context, guard }) {
    yield* Effect.fromResult(checkElasticConfig(config, guard.allowed))
    const credential = elasticCredential(config, Redacted.value(secret))
    const secrets = secretForms(Redacted.value(secret), credential)
    const opened = { url: bulkUrl(config), credential, secrets, agents: guard.agents }
    return {
      limits: elasticLimits,
      encode: elasticEncoder(context),
      send: Effect.fn("ElasticReceiver.send")((request: ReceiverRequest) => send(opened, request)),
      probe: Effect.fn("ElasticReceiver.probe")((kind: "look" | "sample") => probe(opened, kind))
    } satisfies Receiver
  }
)

/** Datadog's logs intake as a `Receiver`: a JSON array of entries in each request. */
import type { DatadogConfig, ReceiverAnswer, ReceiverProbe } from "@tailrace/domain"
import { Clock, Effect, Redacted } from "effect"
import { exchange } from "../http/exchange.ts"
import { emptyStatuses, readProbe, sampleMessage } from "../http/probe.ts"
import { contentHeaders, secretForms } from "../http/requestHeaders.ts"
import type { Agents } from "../network/GuardedAgents.ts"
import type { HttpRequest } from "../network/HttpSender.ts"
import type { Receiver, ReceiverContext, ReceiverRequest } from "../Receiver.ts"
import type { ReceiverType } from "../registry.ts"
import { datadogAnswer } from "./DatadogAnswer.ts"
import { datadogEncoder, serviceOf } from "./DatadogEncoder.ts"
import { checkDatadogConfig, validateUrl } from "./DatadogEndpoint.ts"
import { datadogLimits } from "./DatadogLimits.ts"

interface Opened {
  readonly config: DatadogConfig
  readonly key: string
  /** What must not be repeated from an answer. */
  readonly secrets: ReadonlyArray<string>
  readonly agents: Agents
  readonly context: ReceiverContext
}

const post = ({ config, key }: Opened, body: Uint8Array, codec: ReceiverRequest["codec"]): HttpRequest => ({
  method: "POST",
  url: config.url,
  headers: { "DD-API-KEY": key, ...contentHeaders("application/json", codec) },
  body
})

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

const sampleOf = ({ context }: Opened, timestamp: number) =>
  json([{
    ddsource: "tailscale",
    ddtags: "tailrace_test:true",
    service: serviceOf(context.topic),
    timestamp,
    message: sampleMessage
  }])

const look = (opened: Opened): HttpRequest => {
  const url = validateUrl(opened.config)
  return url === null ? post(opened, json([]), "none") : { method: "GET", url, headers: { "DD-API-KEY": opened.key } }
}

const probe = (opened: Opened, kind: "look" | "sample"): Effect.Effect<ReceiverProbe> =>
  Effect.flatMap(
    Clock.currentTimeMillis,
    (now) =>
      exchange(kind === "look" ? look(opened) : post(opened, sampleOf(opened, now), "none"), {
        agents: opened.agents,
        secrets: opened.secrets,
        // An empty array may be refused, but only after its key was taken.
        read: readProbe(kind === "look" && validateUrl(opened.config) === null ? emptyStatuses : undefined)
      })
  )

const send = (opened: Opened, { body, codec }: ReceiverRequest): Effect.Effect<ReceiverAnswer> =>
  exchange(post(opened, body, codec), { agents: opened.agents, secrets: opened.secrets, read: datadogAnswer })

/** `secret` is an API key. */
export const openDatadogReceiver: ReceiverType<DatadogConfig>["open"] = Effect.fn("DatadogReceiver.open")(
  function*(config: DatadogConfig, secret: Redacted.Redacted, { context, guard }) {
    yield* Effect.fromResult(checkDatadogConfig(config, guard.allowed))
    const key = Redacted.value(secret)
    const opened = { config, key, secrets: secretForms(key), agents: guard.agents, context }
    return {
      limits: datadogLimits,
      encode: datadogEncoder(context.topic),
      send: Effect.fn("DatadogReceiver.send")((request: ReceiverRequest) => send(opened, request)),
      probe: Effect.fn("DatadogReceiver.probe")((kind: "look" | "sample") => probe(opened, kind))
    } satisfies Receiver
  }
)

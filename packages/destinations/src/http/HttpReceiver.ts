/** Any endpoint that takes records by POST as a `Receiver`. */
import type { HttpConfig, ReceiverAnswer, ReceiverProbe } from "@tailrace/domain"
import { Clock, DateTime, Effect, Redacted, Result } from "effect"
import type { AllowedRanges } from "../network/AllowedRanges.ts"
import { checkUrlAsGiven } from "../network/Guard.ts"
import type { Agents } from "../network/GuardedAgents.ts"
import type { HttpRequest } from "../network/HttpSender.ts"
import { InvalidDestination } from "../ObjectStore.ts"
import type { Receiver, ReceiverRequest } from "../Receiver.ts"
import type { ReceiverType } from "../registry.ts"
import { exchange } from "./exchange.ts"
import { httpAnswer } from "./HttpAnswer.ts"
import { contentType, httpEncoder } from "./HttpEncoder.ts"
import { checkHeaders } from "./HttpHeaders.ts"
import { httpLimits } from "./HttpLimits.ts"
import { signatureHeaders } from "./HttpSignature.ts"
import { emptyStatuses, readProbe, sampleMessage } from "./probe.ts"
import { basicCredential, contentHeaders, secretForms } from "./requestHeaders.ts"

interface Opened {
  readonly config: HttpConfig
  readonly secret: string
  /** `Authorization`, if the scheme has one. */
  readonly credential: string
  readonly agents: Agents
}

export const checkHttpConfig = (
  config: HttpConfig,
  allowed: AllowedRanges
): Result.Result<void, InvalidDestination> => {
  const user = config.user ?? ""
  if (config.scheme === "basic" && (user === "" || user.includes(":"))) {
    return Result.fail(
      new InvalidDestination({ field: "user", reason: "is needed for the scheme basic, without colons" })
    )
  }
  return Result.flatMap(checkUrlAsGiven(config.url, allowed), () => checkHeaders(config))
}

/** The query may be what tells two places apart. */
export const httpTarget = ({ url }: HttpConfig): string => `http ${URL.parse(url)?.href ?? url}`

const credentialOf = ({ scheme, user = "" }: HttpConfig, secret: string): string => {
  if (scheme === "basic") return basicCredential(user, secret)
  return scheme === "bearer" ? `Bearer ${secret}` : ""
}

interface Sending {
  readonly body: Uint8Array
  readonly codec: ReceiverRequest["codec"]
  readonly nowMillis: number
}

const post = ({ config, credential, secret }: Opened, { body, codec, nowMillis }: Sending): HttpRequest => ({
  method: "POST",
  url: config.url,
  headers: {
    ...config.headers,
    ...contentHeaders(contentType(config.format), codec),
    ...(credential === "" ? {} : { Authorization: credential }),
    ...(config.scheme === "hmac" ? signatureHeaders(secret, Math.floor(nowMillis / 1_000), body) : {})
  },
  body
})

const exchanged = <A>(
  opened: Opened,
  sending: Omit<Sending, "nowMillis">,
  read: Parameters<typeof exchange<A>>[1]["read"]
) =>
  Effect.flatMap(Clock.currentTimeMillis, (nowMillis) =>
    exchange(post(opened, { ...sending, nowMillis }), {
      agents: opened.agents,
      secrets: secretForms(opened.secret, opened.credential),
      read
    }))

/** No record at all: an empty body, or an empty array. */
const emptyBody = (format: HttpConfig["format"]) => new TextEncoder().encode(format === "json" ? "[]" : "")

const sampleBody = (format: HttpConfig["format"], millis: number) => {
  const logged = DateTime.formatIso(DateTime.makeUnsafe(millis))
  const event = JSON.stringify({ logged, type: "TAILRACE_TEST", message: sampleMessage })
  return new TextEncoder().encode(format === "json" ? `[${event}]` : `${event}\n`)
}

const probe = (opened: Opened, kind: "look" | "sample"): Effect.Effect<ReceiverProbe> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const { format } = opened.config
    const body = kind === "look" ? emptyBody(format) : sampleBody(format, now)
    return exchanged(opened, { body, codec: "none" }, readProbe(kind === "look" ? emptyStatuses : undefined))
  })

/** `secret` is what `scheme` says; empty where there is none. */
export const openHttpReceiver: ReceiverType<HttpConfig>["open"] = Effect.fn("HttpReceiver.open")(
  function*(config: HttpConfig, secret: Redacted.Redacted, { guard }) {
    yield* Effect.fromResult(checkHttpConfig(config, guard.allowed))
    const value = Redacted.value(secret)
    const opened = { config, secret: value, credential: credentialOf(config, value), agents: guard.agents }
    return {
      limits: httpLimits,
      encode: httpEncoder(config.format),
      send: Effect.fn("HttpReceiver.send")((request: ReceiverRequest): Effect.Effect<ReceiverAnswer> =>
        exchanged(opened, request, httpAnswer)
      ),
      probe: Effect.fn("HttpReceiver.probe")((kind: "look" | "sample") => probe(opened, kind))
    } satisfies Receiver
  }
)

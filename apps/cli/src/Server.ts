/**
 * The server as commands see it: an HTTP client that knows where it is, shows the key, and turns every answer that is
 * not a success into a `Failure`. The typed client of the API is made from it in `Api.ts`.
 */
import { Config, Context, Effect, Layer, Option, Redacted, Schema } from "effect"
import { HttpClient, type HttpClientError, HttpClientRequest, type HttpClientResponse } from "effect/http"
import { type Failure, Refused, Unreachable, Usage } from "./Failure.ts"

/** What the flags say; absent ones come from the environment. */
export interface ServerFlags {
  readonly url: Option.Option<string>
  readonly tailnet: Option.Option<string>
}

type ClientError = Refused | Unreachable | HttpClientError.HttpClientError

export class Server extends Context.Service<Server, {
  readonly url: string
  /** Name or id of the tailnet; `-` is that of the key. */
  readonly tailnet: string
  /** Paths begin with `/`. Errors go through `asFailure`. Interruption aborts the request. */
  readonly http: HttpClient.HttpClient.With<ClientError>
}>()("@tailrace/cli/Server") {
  static readonly layer = (flags: ServerFlags) =>
    Layer.effect(
      Server,
      Effect.gen(function*() {
        const settings = yield* connection(flags)
        const http = yield* HttpClient.HttpClient
        return { url: settings.url, tailnet: settings.tailnet, http: connected(http, settings) }
      })
    )
}

/** Names, defaults and meanings of what the client reads from the environment. */
export const clientSettings = [
  { name: "TAILRACE_URL", fallback: "http://127.0.0.1:8080", secret: false },
  { name: "TAILRACE_KEY", fallback: "", secret: true },
  { name: "TAILRACE_TAILNET", fallback: "-", secret: false }
] as const

const fromEnvironment = (name: string, fallback: string) =>
  Config.String(name).pipe(
    Config.withDefault(fallback),
    Effect.orDie,
    Effect.map((text) => text.trim() === "" ? fallback : text.trim())
  )

const connection = Effect.fnUntraced(function*(flags: ServerFlags) {
  const [url, key, tailnet] = yield* Effect.forEach(
    clientSettings,
    ({ fallback, name }) => fromEnvironment(name, fallback)
  )
  const given = Option.getOrElse(flags.url, () => url ?? "").replace(/\/+$/, "")
  const base = yield* Effect.fromOption(Option.liftThrowable(() => new URL(given))()).pipe(
    Effect.mapError(() =>
      new Usage({ message: `TAILRACE_URL: ${given} is not an address such as http://127.0.0.1:8080` })
    )
  )
  if (!/^https?:$/.test(base.protocol)) {
    return yield* new Usage({ message: `TAILRACE_URL: ${given} must begin with http:// or https://` })
  }
  return {
    url: given,
    key: Redacted.make(key ?? ""),
    tailnet: Option.getOrElse(flags.tailnet, () => tailnet ?? "-")
  }
})

interface Connection {
  readonly url: string
  readonly key: Redacted.Redacted
}

const connected = (http: HttpClient.HttpClient, { key, url }: Connection): HttpClient.HttpClient.With<ClientError> =>
  http.pipe(
    HttpClient.mapRequest((request) => withKey(HttpClientRequest.prependUrl(request, url), key)),
    HttpClient.transform((effect, request) =>
      effect.pipe(
        Effect.mapError((error) => new Unreachable({ url, reason: reasonOf(error) })),
        Effect.filterOrElse(({ status }) => status < 400, (response) => refused(response, request))
      )
    )
  )

const withKey = (request: HttpClientRequest.HttpClientRequest, key: Redacted.Redacted) =>
  Redacted.value(key) === "" ? request : HttpClientRequest.bearerToken(request, key)

/** The innermost message: the outer ones only say that the request failed. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  if ("reason" in error && typeof error.reason === "object") return reasonOf(error.reason)
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message
}

/** The API says `message`, the HEC receiver `text`. */
const Complaint = Schema.fromJsonString(Schema.Struct({
  message: Schema.optionalKey(Schema.String),
  text: Schema.optionalKey(Schema.String)
}))

const refused = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  request: HttpClientRequest.HttpClientRequest
) {
  const body = yield* response.text.pipe(Effect.orElseSucceed(() => ""))
  const said = Option.getOrUndefined(Schema.decodeOption(Complaint)(body))
  const message = said?.message ?? said?.text ?? `${request.method} ${request.url} was answered with ${response.status}`
  const hint = response.status === 401 ? ". TAILRACE_KEY must hold an API key (tskey-api-…)" : ""
  return yield* new Refused({ status: response.status, message: message + hint })
})

const isFailure = Schema.is(Schema.Union([Refused, Unreachable, Usage]))

/** Everything else that a client can say: the answer broke off, or is not what this version of the contract knows. */
export const asFailure = (url: string) => (error: unknown): Failure =>
  isFailure(error)
    ? error
    : new Unreachable({ url, reason: `the answer cannot be read (${firstLine(reasonOf(error))})` })

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? ""

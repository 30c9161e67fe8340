/**
 * Tokens for OAUTHBEARER: from a file that something else keeps fresh, or asked for by OAuth 2 client credentials
 * (RFC 6749 §4.4). A token that was asked for is kept until shortly before it expires.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Clock, Effect, FileSystem, Layer, Option, Redacted, Ref, Schema, Semaphore } from "effect"
import { HttpClient, HttpClientRequest } from "effect/http"
import type { TokenFile, TokenUrl } from "../settings/LoadKafka.ts"

/** No token: what happened, without any part of a secret. */
export class NoToken extends Schema.TaggedError<NoToken>()("NoToken", { reason: Schema.String }) {
  override get message(): string {
    return `no token for Kafka: ${this.reason}`
  }
}

/** A token is used no longer than until this long before its end. */
const marginMillis = 30_000
/** For answers without `expires_in`. */
const usualSeconds = 60
const patience = "10 seconds"

const Answer = Schema.fromJsonString(Schema.Struct({
  access_token: Schema.RedactedFromValue(Schema.NonEmptyString),
  expires_in: Schema.optionalKey(Schema.Finite)
}))

interface Kept {
  readonly token: Redacted.Redacted
  /** Epoch milliseconds. */
  readonly until: number
}

const tooLate = new NoToken({ reason: `no answer within ${patience}` })

const requestOf = ({ clientId, clientSecret, scope, url }: TokenUrl) =>
  HttpClientRequest.post(url, { headers: { accept: "application/json" } }).pipe(
    HttpClientRequest.basicAuth(encodeURIComponent(clientId), encodeURIComponent(Redacted.value(clientSecret))),
    HttpClientRequest.bodyUrlParams({
      grant_type: "client_credentials",
      ...(Option.isSome(scope) ? { scope: scope.value } : {})
    })
  )

const ask = Effect.fnUntraced(
  function*(source: TokenUrl) {
    const now = yield* Clock.currentTimeMillis
    const response = yield* HttpClient.execute(requestOf(source)).pipe(
      Effect.mapError(() => new NoToken({ reason: `${source.url} does not answer` }))
    )
    if (response.status !== 200) return yield* new NoToken({ reason: `${source.url} answered ${response.status}` })
    const answer = yield* response.text.pipe(
      Effect.flatMap(Schema.decodeEffect(Answer)),
      Effect.mapError(() => new NoToken({ reason: `the answer of ${source.url} is no token` }))
    )
    const lifeMillis = (answer.expires_in ?? usualSeconds) * 1000
    const kept: Kept = { token: answer.access_token, until: now + Math.max(lifeMillis - marginMillis, lifeMillis / 2) }
    return kept
  },
  Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(tooLate) })
)

/** One question at a time; who comes meanwhile waits for its answer. */
export const fromUrl = Effect.fnUntraced(function*(source: TokenUrl) {
  const http = yield* HttpClient.HttpClient
  const kept = yield* Ref.make<Kept | undefined>(undefined)
  const turn = yield* Semaphore.make(1)
  const fresh = Effect.gen(function*() {
    const known = yield* Ref.get(kept)
    if (known !== undefined && known.until > (yield* Clock.currentTimeMillis)) return known.token
    const asked = yield* ask(source)
    yield* Ref.set(kept, asked)
    return asked.token
  })
  return turn.withPermit(fresh).pipe(Effect.provideService(HttpClient.HttpClient, http))
})

/** Read anew each time: something else keeps it fresh. */
export const fromFile = Effect.fnUntraced(function*({ path }: TokenFile) {
  const files = yield* FileSystem.FileSystem
  return files.readFileString(path).pipe(
    Effect.mapError(({ reason }) => new NoToken({ reason: `cannot read ${path}: ${reason._tag}` })),
    Effect.map((text) => text.trim()),
    Effect.filterOrFail((text) => text !== "", () => new NoToken({ reason: `${path} is empty` })),
    Effect.map((text) => Redacted.make(text))
  )
})

/** How a token is got; `log-kafka` asks before each authentication. The client lives as long as the scope. */
export const tokenFrom = Effect.fnUntraced(function*(source: TokenUrl | TokenFile) {
  if (source._tag === "File") return yield* fromFile(source)
  return yield* Effect.provide(fromUrl(source), yield* Layer.build(NodeHttpClient.layerNodeHttp))
})

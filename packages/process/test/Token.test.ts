// Tokens: asked for once and kept while they are good, read anew from a file, and never part of an error.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Option, Redacted, Ref } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { fromFile, fromUrl } from "../src/kafka/Token.ts"
import type { TokenUrl } from "../src/settings/LoadKafka.ts"

const secret = "client+secret of nobody"

const source: TokenUrl = {
  _tag: "Url",
  url: "https://id.example.com/token",
  clientId: "tail:race",
  clientSecret: Redacted.make(secret),
  scope: Option.some("kafka logs")
}

/** An issuer that counts its tokens. */
const issuer = (answer: (count: number) => Response, asked: Array<HttpClientRequest.HttpClientRequest> = []) =>
  Effect.map(
    Ref.make(0),
    (count) =>
      HttpClient.make((request) =>
        Effect.map(Ref.updateAndGet(count, (number) => number + 1), (number) => {
          asked.push(request)
          return HttpClientResponse.fromWeb(request, answer(number))
        })
      )
  )

const token = (life?: number) => (count: number) =>
  Response.json({ access_token: `token-${count}`, token_type: "bearer", expires_in: life })

const use = Effect.fnUntraced(function*(http: HttpClient.HttpClient) {
  const got = yield* Effect.provideService(fromUrl(source), HttpClient.HttpClient, http)
  return Effect.map(got, Redacted.value)
})

describe("asked for", () => {
  it.effect("by client credentials", () =>
    Effect.gen(function*() {
      const asked: Array<HttpClientRequest.HttpClientRequest> = []
      const get = yield* use(yield* issuer(token(300), asked))
      assert.strictEqual(yield* get, "token-1")
      const [request] = asked
      const credentials = Buffer.from(request?.headers["authorization"]?.slice("Basic ".length) ?? "", "base64")
      assert.strictEqual(credentials.toString(), "tail%3Arace:client%2Bsecret%20of%20nobody")
      const body = request?.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      assert.strictEqual(body, "grant_type=client_credentials&scope=kafka+logs")
    }))

  it.effect("once, until shortly before it expires", () =>
    Effect.gen(function*() {
      const get = yield* use(yield* issuer(token(300)))
      assert.deepStrictEqual(yield* Effect.all([get, get, get], { concurrency: 3 }), ["token-1", "token-1", "token-1"])
      yield* TestClock.adjust("269 seconds")
      assert.strictEqual(yield* get, "token-1")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* get, "token-2")
    }))

  it.effect("a short life is used for its half; none said is a minute", () =>
    Effect.gen(function*() {
      for (const [life, kept] of [[10, 5], [undefined, 30]] as const) {
        const get = yield* use(yield* issuer(token(life)))
        yield* get
        yield* TestClock.adjust(kept * 1000 - 1)
        assert.strictEqual(yield* get, "token-1")
        yield* TestClock.adjust(1)
        assert.strictEqual(yield* get, "token-2")
      }
    }))

  const refusals: ReadonlyArray<readonly [name: string, answer: () => Response, line: RegExp]> = [
    ["refused", () => Response.json({ error: secret }, { status: 401 }), /^no token for Kafka: .*token answered 401$/],
    ["no JSON", () => new Response(secret), /is no token$/],
    ["no token in it", () => Response.json({ access_token: "", x: secret }), /is no token$/]
  ]
  for (const [name, answer, line] of refusals) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(yield* use(yield* issuer(answer)))
        assert.match(error.message, line)
        assert.notInclude(JSON.stringify(error), secret)
      }))
  }

  it.effect("nobody answers, or too late", () =>
    Effect.gen(function*() {
      const dead = HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.HttpClientError({
            reason: new HttpClientError.TransportError({ request, cause: secret })
          })
        )
      )
      const error = yield* Effect.flip(yield* use(dead))
      assert.strictEqual(error.message, "no token for Kafka: https://id.example.com/token does not answer")
      const slow = yield* Effect.forkChild(Effect.flip(yield* use(HttpClient.make(() => Effect.never))))
      yield* TestClock.adjust("10 seconds")
      assert.match((yield* Fiber.join(slow)).message, /no answer within 10 seconds$/)
    }))
})

describe("from a file", () => {
  it.effect("read anew each time", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      const path = yield* files.makeTempFileScoped()
      const get = yield* fromFile({ _tag: "File", path })
      assert.match((yield* Effect.flip(get)).message, /is empty$/)
      yield* files.writeFileString(path, "one\n")
      assert.strictEqual(Redacted.value(yield* get), "one")
      yield* files.writeFileString(path, "two")
      assert.strictEqual(Redacted.value(yield* get), "two")
      yield* files.remove(path)
      assert.match((yield* Effect.flip(get)).message, /^no token for Kafka: cannot read .*: NotFound$/)
      yield* files.writeFileString(path, "")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

// What a destination of type gcs does about tokens, which fake-gcs-server does not ask for; and what may stand in the
// place of Cloud Storage and of a token endpoint.
import { assert, describe, it } from "@effect/vitest"
import { ObjectStores, type ObjectToPut } from "@tailrace/destinations"
import type { GcsConfig } from "@tailrace/domain"
import { Effect, Redacted } from "effect"
import { generateKeyPairSync } from "node:crypto"
import { cloudStorage } from "../src/gcs/CloudStorage.ts"
import { privateKey, serviceAccount, tokenEndpoint } from "../src/gcs/TokenEndpoint.ts"
import { httpServer } from "../src/store/listening.ts"
import { misfortunes, show } from "../src/store/misfortunes.ts"
import { localStores } from "../src/store/StoreSite.ts"

const config = (url: string, more: Partial<GcsConfig> = {}): GcsConfig => ({
  _tag: "gcs",
  url,
  bucket: "tailrace-logs",
  keyPrefix: "",
  scopes: [],
  ...more
})

const object = (key: string, more: Partial<ObjectToPut> = {}): ObjectToPut => ({
  key,
  body: new TextEncoder().encode("{}\n"),
  contentType: "application/x-ndjson",
  metadata: { seal: "s_1" },
  onlyIfAbsent: true,
  ...more
})

const open = Effect.fnUntraced(function*(config: GcsConfig, secret: Redacted.Redacted) {
  return yield* (yield* ObjectStores).open(config, secret)
})

/** Storage that takes only what the endpoint gave out, and a store for it, opened anew each time as legs do. */
const site = Effect.gen(function*() {
  const tokens = yield* tokenEndpoint
  const storage = yield* cloudStorage
  storage.accepts = (token) => tokens.issued.includes(token)
  const put = (key: string) =>
    Effect.flatMap(open(config(storage.url), serviceAccount(tokens.url)), (store) => store.put(object(key)))
  return { tokens, storage, put }
})

const otherKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
  .export({ type: "pkcs8", format: "pem" }).toString()

describe("tokens of a service account", () => {
  it.live("one is enough for all requests, at the same time and later", () =>
    Effect.gen(function*() {
      const { put, storage, tokens } = yield* site
      const keys = Array.from({ length: 20 }, (_, i) => `k${i}`)
      const answers = yield* Effect.forEach(keys, put, { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(answers.map(show)), new Set(["Delivered"]))
      assert.strictEqual(show(yield* put("later")), "Delivered")
      assert.deepStrictEqual(tokens.issued, ["ya29.token-0-of-tests"])
      assert.deepStrictEqual(new Set(storage.shown), new Set(["Bearer ya29.token-0-of-tests"]))
    }).pipe(Effect.provide(localStores)))

  it.live("one that is refused is renewed once, and the request made again", () =>
    Effect.gen(function*() {
      const { put, storage, tokens } = yield* site
      yield* put("first")
      storage.accepts = (token) => token === "ya29.token-1-of-tests"
      assert.strictEqual(show(yield* put("second")), "Delivered")
      assert.strictEqual(tokens.issued.length, 2)
      storage.accepts = () => false
      assert.strictEqual(show(yield* put("third")), "Misconfigured 401: HTTP 401 authError: Invalid Credentials")
      assert.strictEqual(tokens.issued.length, 3)
      assert.strictEqual(storage.shown.length, 5)
    }).pipe(Effect.provide(localStores)))

  it.live("inspect asks for one, too", () =>
    Effect.gen(function*() {
      const { storage, tokens } = yield* site
      const store = yield* open(config(storage.url), serviceAccount(tokens.url))
      assert.deepStrictEqual(yield* store.inspect("a/b c"), { _tag: "Found", seal: "s_1" })
      tokens.instead = (_request, response) => response.writeHead(500).end()
      const other = yield* open(config(storage.url, { scopes: ["other"] }), serviceAccount(tokens.url))
      assert.strictEqual(show(yield* other.inspect("k")), "Failed 500: token endpoint: HTTP 500")
    }).pipe(Effect.provide(localStores)))

  it.live("what the endpoint refuses is the owner's to mend, in the endpoint's words", () =>
    Effect.gen(function*() {
      const { storage, tokens } = yield* site
      const accounts = [
        serviceAccount(tokens.url, { private_key: otherKey }),
        serviceAccount(tokens.url, { client_email: "nobody@project.iam.gserviceaccount.com" }),
        serviceAccount(tokens.url, { private_key_id: "key-2" })
      ]
      const answers = yield* Effect.forEach(accounts, (account) =>
        Effect.flatMap(open(config(storage.url), account), (store) => store.put(object("never"))))
      assert.deepStrictEqual(answers.map(show), [
        "Misconfigured 400: token endpoint: HTTP 400 invalid_grant: Invalid JWT Signature.",
        "Misconfigured 400: token endpoint: HTTP 400 invalid_grant: Invalid issuer: Not a service account.",
        "Misconfigured 400: token endpoint: HTTP 400 invalid_grant: Invalid JWT header."
      ])
      assert.deepStrictEqual(storage.shown, [])
    }).pipe(Effect.provide(localStores)))

  it.live.each<readonly [number, string, RegExp]>([
    [
      400,
      "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
      /^Transient 400/
    ],
    [503, "backend", /^Transient 503 7000 not: token endpoint: HTTP 503 invalid_grant: backend$/],
    [429, "slow down", /^Transient 429 7000 not: /],
    [401, "Invalid client", /^Misconfigured 401: /]
  ])("its answer %d %s", ([status, error_description, expected]) =>
    Effect.gen(function*() {
      const { put, tokens } = yield* site
      tokens.instead = (_request, response) =>
        response.writeHead(status, { "retry-after": "7" })
          .end(JSON.stringify({ error: "invalid_grant", error_description }))
      assert.match(show(yield* put("never")), expected)
    }).pipe(Effect.provide(localStores)))

  it.live("an endpoint or a server that shows what it was sent", () =>
    Effect.gen(function*() {
      const { put, storage, tokens } = yield* site
      tokens.instead = (_request, response, body) =>
        response.writeHead(400).end(`${new URLSearchParams(body).get("assertion")} ${privateKey}`)
      const refused = show(yield* put("never"))
      assert.strictEqual(refused, "Misconfigured 400: token endpoint: HTTP 400: [secret] [secret]")
      tokens.instead = undefined
      const echo = yield* httpServer((request, response) => response.writeHead(400).end(request.headers.authorization))
      const store = yield* open(config(echo), serviceAccount(tokens.url))
      assert.strictEqual(show(yield* store.put(object("k"))), "Misconfigured 400: HTTP 400: Bearer [secret]")
      assert.deepStrictEqual(storage.shown, [])
    }).pipe(Effect.provide(localStores)))

  it.live.each<readonly [string, string]>([
    ["", "secret: is not the key of a service account"],
    ["{}", "secret: is not the key of a service account"],
    [Redacted.value(serviceAccount("http://127.0.0.1", { type: "authorized_user" })), "secret: is not the key"],
    [Redacted.value(serviceAccount("http://127.0.0.1", { private_key: "-----BEGIN" })), "not an RSA key"],
    [Redacted.value(serviceAccount("http://10.0.0.1/token")), "secret: token_uri 10.0.0.1 is a private address"],
    [Redacted.value(serviceAccount("file:///etc/passwd")), "secret: token_uri only https:// and http:// are possible"]
  ])("a secret that cannot be used: %#", ([secret, expected]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(open(config("http://127.0.0.1:1"), Redacted.make(secret)))
      assert.include(error.message, expected)
      assert.notInclude(error.message, "PRIVATE")
    }).pipe(Effect.provide(localStores)))
})

describe("in the place of Cloud Storage", () => {
  it.live.each(misfortunes)("$name", ({ expected, serve }) =>
    Effect.gen(function*() {
      const tokens = yield* tokenEndpoint
      const store = yield* open(config(yield* serve), serviceAccount(tokens.url))
      assert.match(show(yield* store.put(object("k"))), expected)
      assert.notStrictEqual((yield* store.inspect("k"))._tag, "Found")
    }).pipe(Effect.provide(localStores)))
})

describe("in the place of the token endpoint", () => {
  it.live.each(misfortunes)("$name", ({ means, serve }) =>
    Effect.gen(function*() {
      const storage = yield* cloudStorage
      const store = yield* open(config(storage.url), serviceAccount(`${yield* serve}/token`))
      const answer = yield* store.put(object("k"))
      assert.strictEqual(answer._tag, means)
      assert.match(show(answer), /: token endpoint: /)
      assert.notInclude(show(answer), " maybe: ")
      assert.deepStrictEqual(storage.shown, [])
    }).pipe(Effect.provide(localStores)))
})

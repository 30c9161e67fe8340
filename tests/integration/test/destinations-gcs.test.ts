// What a destination of type gcs does about tokens, which fake-gcs-server does not ask for; and what may stand in the
// place of Cloud Storage, of a token endpoint, and of what proves a workload's identity.
import { assert, describe, it } from "@effect/vitest"
import { Guard, loopback, ObjectStores, ObjectStoresLive, type ObjectToPut } from "@tailrace/destinations"
import type { GcsConfig } from "@tailrace/domain"
import { Effect, Layer, Redacted } from "effect"
import { generateKeyPairSync } from "node:crypto"
import { readFileSync } from "node:fs"
import path from "node:path"
import { cloudStorage } from "../src/gcs/CloudStorage.ts"
import { audience, google, instanceMetadata } from "../src/gcs/Google.ts"
import { privateKey, serviceAccount, tokenEndpoint } from "../src/gcs/TokenEndpoint.ts"
import { httpServer, trusting } from "../src/store/listening.ts"
import { misfortunes, show } from "../src/store/misfortunes.ts"
import { everythingIsLocal, localStores } from "../src/store/StoreSite.ts"

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

describe("workload identity", () => {
  const sample = readFileSync(path.join(import.meta.dirname, "fixtures/gcs_credentials_workload_identity.json"), "utf8")

  const identity = Effect.gen(function*() {
    yield* trusting("google-tls")
    const metadata = yield* instanceMetadata
    const port = yield* google
    const storage = yield* cloudStorage
    const file = {
      type: "external_account",
      audience,
      subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
      token_url: `https://sts.googleapis.com:${port}/v1/token`,
      credential_source: {
        environment_id: "aws1",
        region_url: `${metadata.url}/zone`,
        url: `${metadata.url}/credentials`,
        imdsv2_session_token_url: `${metadata.url}/token`
      }
    }
    const impersonation =
      `https://iamcredentials.googleapis.com:${port}/v1/projects/-/serviceAccounts/a:generateAccessToken`
    const put = (value: unknown) =>
      Effect.flatMap(
        open(config(storage.url, { workloadIdentity: JSON.stringify(value) }), Redacted.make("")),
        (store) => store.put(object("k"))
      )
    return { file, impersonation, metadata, put, storage }
  })

  const scope = "https://www.googleapis.com/auth/devstorage.read_write"

  it.live("of an AWS instance: its signature for a token", () =>
    Effect.gen(function*() {
      const { file, metadata, put, storage } = yield* identity
      assert.strictEqual(show(yield* put(file)), "Delivered")
      assert.strictEqual(show(yield* put(file)), "Delivered")
      assert.deepStrictEqual(storage.shown, [`Bearer federated for ${scope}`, `Bearer federated for ${scope}`])
      assert.deepStrictEqual(metadata.asked, [
        "PUT /token",
        "GET /zone",
        "GET /credentials",
        "GET /credentials/tailrace-role"
      ])
    }).pipe(Effect.provide(localStores)))

  it.live("and that one for a token of a service account", () =>
    Effect.gen(function*() {
      const { file, impersonation, put, storage } = yield* identity
      assert.strictEqual(show(yield* put({ ...file, service_account_impersonation_url: impersonation })), "Delivered")
      assert.deepStrictEqual(storage.shown, [`Bearer impersonated 3600s ${scope}`])
    }).pipe(Effect.provide(localStores)))

  it.live("of a token that an address hands out, as text or in JSON", () =>
    Effect.gen(function*() {
      const { file, put, storage } = yield* identity
      const handing = yield* httpServer((request, response) =>
        response.end(request.url === "/text?a=b" ? "jwt-of-a-workload" : "{\"value\":\"jwt-of-a-workload\"}")
      )
      const jwt = { ...file, subject_token_type: "urn:ietf:params:oauth:token-type:jwt" }
      const text = { ...jwt, credential_source: { url: `${handing}/text?a=b` } }
      assert.strictEqual(show(yield* put(text)), "Delivered")
      const format = { type: "json", subject_token_field_name: "value" }
      assert.strictEqual(show(yield* put({ ...jwt, credential_source: { url: handing, format } })), "Delivered")
      const other = { ...format, subject_token_field_name: "other" }
      assert.strictEqual(
        show(yield* put({ ...jwt, credential_source: { url: handing, format: other } })),
        "Transient 200 null not: credential_source.url: HTTP 200: is not the answer that was expected"
      )
      assert.strictEqual(storage.shown.length, 2)
    }).pipe(Effect.provide(localStores)))

  it.live("each refusal says whose it is; what a machine inside says is not shown", () =>
    Effect.gen(function*() {
      const { file, impersonation, metadata, put, storage } = yield* identity
      const source = file.credential_source
      const inside = { ...file, credential_source: { ...source, region_url: `${metadata.url}/secret-page` } }
      assert.strictEqual(show(yield* put(inside)), "Misconfigured 404: credential_source.region_url: HTTP 404")
      const { imdsv2_session_token_url: _, ...v1 } = source
      const old = { ...file, credential_source: v1 }
      assert.strictEqual(show(yield* put(old)), "Misconfigured 401: credential_source.region_url: HTTP 401")
      assert.strictEqual(
        show(yield* put({ ...file, audience: "//iam.googleapis.com/other" })),
        "Misconfigured 400: token_url: HTTP 400 invalid_request: audience"
      )
      const denied = { ...file, service_account_impersonation_url: impersonation.replace("/a:", "/denied:") }
      assert.strictEqual(
        show(yield* put(denied)),
        "Misconfigured 403: service_account_impersonation_url: HTTP 403 PERMISSION_DENIED: " +
          "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."
      )
      assert.deepStrictEqual(storage.shown, [])
    }).pipe(Effect.provide(localStores)))

  it.live("the metadata service of this machine is refused by the guard, whoever names it", () =>
    Effect.gen(function*() {
      const storage = yield* cloudStorage
      const store = yield* open(config(storage.url, { workloadIdentity: sample }), Redacted.make(""))
      assert.match(
        show(yield* store.put(object("k"))),
        /^Misconfigured null: credential_source\.imdsv2_session_token_url: ERR_ADDRESS_REFUSED: 169\.254\.169\.254 is /
      )
    }).pipe(Effect.provide(ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback, everythingIsLocal))))))
})

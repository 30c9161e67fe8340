// HTTPS through the guard: whose certificate is taken, and what is said of others. `fixtures/tls` is for `s3.test`.
import { assert, describe, it } from "@effect/vitest"
import { Guard, loopback, ObjectStores, ObjectStoresLive } from "@tailrace/destinations"
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { createServer } from "node:https"
import path from "node:path"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { secretAccessKey } from "../src/s3/S3ServerKind.ts"
import { configFor } from "../src/s3/S3Site.ts"

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, "fixtures/tls", name), "utf8")

const trusting = Effect.acquireRelease(
  Effect.sync(() => {
    const before = getCACertificates()
    setDefaultCACertificates([...before, fixture("cert.pem")])
    return before
  }),
  (before) => Effect.sync(() => setDefaultCACertificates(before))
)

const server = Effect.gen(function*() {
  const hosts: Array<string> = []
  const https = createServer({ key: fixture("key.pem"), cert: fixture("cert.pem") }, (request, response) => {
    hosts.push(request.headers.host ?? "")
    request.resume().once("end", () => response.end())
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void https.listen(0, "127.0.0.1", () => resume(Effect.void))),
    () => Effect.sync(() => https.close())
  )
  const address = https.address()
  return { hosts, port: address === null || typeof address === "string" ? 0 : address.port }
})

const stores = ObjectStoresLive.pipe(
  Layer.provide(Guard.layer(loopback, (_, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }])))
)

const put = Effect.fnUntraced(function*(url: string, addressing: "path" | "virtual") {
  const store = yield* (yield* ObjectStores).open(configFor(url, { addressing }), secretAccessKey)
  return yield* store.put({
    key: "k",
    body: new Uint8Array(2_000_000),
    contentType: "a/b",
    metadata: {},
    onlyIfAbsent: true
  })
})

describe("HTTPS", () => {
  it.live("a certificate of nobody's: refused", () =>
    Effect.gen(function*() {
      const { port } = yield* server
      const answer = yield* put(`https://s3.test:${port}`, "path")
      assert.deepInclude(answer, { _tag: "Misconfigured", status: null })
      assert.include(JSON.stringify(answer), "DEPTH_ZERO_SELF_SIGNED_CERT")
    }).pipe(Effect.provide(stores)))

  it.live("a trusted certificate, in both styles", () =>
    Effect.gen(function*() {
      yield* trusting
      const { hosts, port } = yield* server
      assert.deepStrictEqual(yield* put(`https://s3.test:${port}`, "path"), { _tag: "Delivered" })
      assert.deepStrictEqual(yield* put(`https://s3.test:${port}`, "virtual"), { _tag: "Delivered" })
      assert.deepStrictEqual(hosts, [`s3.test:${port}`, `tailrace-logs.s3.test:${port}`])
    }).pipe(Effect.provide(stores)))

  it.live("a trusted certificate of another host: refused", () =>
    Effect.gen(function*() {
      yield* trusting
      const { port } = yield* server
      const answer = yield* put(`https://other.test:${port}`, "path")
      assert.include(JSON.stringify(answer), "ERR_TLS_CERT_ALTNAME_INVALID")
      assert.strictEqual(answer._tag, "Misconfigured")
    }).pipe(Effect.provide(stores)))
})

/** A secret that is not given again: when it stays, when it has to be given, and destinations without one. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { bodyOf, exampleOf, typeSecret, workloadIdentity } from "./bodies.ts"
import { audit, createFrom, secretOf } from "./destinations.ts"
import { Server, serverLayer } from "./server.ts"

const stream = "tailnet/-/logging/configuration/stream"

layer(serverLayer(), { excludeTestServices: true })("a secret that is not given again", (it) => {
  const atHost = (body: Readonly<Record<string, unknown>>, url: string) => ({ ...body, url })

  it.effect.each(
    [
      { type: "splunk", url: "https://elsewhere.example.com:8088/services/collector/event", field: "token" },
      { type: "splunk", url: "https://splunk.example.com/services/collector/event", field: "token" },
      { type: "elastic", url: "https://elastic.example.org:9243/tailnet-logs/_bulk?pretty", field: "token" },
      { type: "s3", url: "https://s3.example.org", field: "s3SecretAccessKey" },
      { type: "gcs", url: "https://storage.example.org", field: "gcsCredentials" },
      { type: "azure", url: "https://another.blob.core.windows.net", field: "azureSecret" },
      { type: "http", url: "https://collector.example.org/in", field: "token" }
    ] as const
  )("is sent to no other host: $type to $url", ({ field, type, url }) =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { open, secret } = exampleOf(type)
      const { made, path } = yield* createFrom({ ...open, ...secret })
      const before = yield* secretOf(made.id)
      const message = `${field} is required when url names another host: the present one is not sent there`
      assert.deepInclude(yield* ask("PUT", path, { body: atHost(open, url) }), { status: 400, body: { message } })
      const given = yield* ask("PUT", path, { body: { ...atHost(open, url), ...secret } })
      assert.deepInclude(given.body, { url, version: 2 }, given.text)
      assert.strictEqual((yield* secretOf(made.id)).secret, before.secret)
    }))

  it.effect("is kept on the same host, whatever else changes", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { open } = exampleOf("splunk")
      const { made, path } = yield* createFrom(bodyOf("splunk"))
      const before = yield* secretOf(made.id)
      const url = "https://splunk.example.com:8088/services/collector/event/1.0"
      const changed = yield* ask("PUT", path, { body: { ...open, url, authScheme: "bearer" } })
      assert.deepInclude(changed.body, { url, authScheme: "bearer", version: 2 })
      assert.deepStrictEqual(yield* secretOf(made.id), before)
    }))

  it.effect("is not taken over by another type in the slot", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const path = "tailnet/-/logging/network/stream"
      yield* ask("PUT", path, { body: bodyOf("splunk") })
      const cribl = { ...exampleOf("cribl").open, url: exampleOf("splunk").open["url"] }
      const message = "token is required and must not be empty"
      assert.deepInclude(yield* ask("PUT", path, { body: cribl }), { status: 400, body: { message } })
      assert.strictEqual((yield* ask("PUT", path, { body: { ...cribl, token: typeSecret } })).status, 200)
      assert.deepInclude((yield* ask("GET", path)).body, { destinationType: "cribl" })
    }))
})

layer(serverLayer(), { excludeTestServices: true })("a destination without a secret", (it) => {
  it.effect("gcs with workload identity shows its credentials byte for byte, and becomes one with a key", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { open, secret } = exampleOf("gcs")
      const body = { ...open, gcsScopes: [], gcsCredentials: workloadIdentity }
      assert.strictEqual((yield* ask("PUT", stream, { body })).status, 200)
      assert.deepStrictEqual((yield* ask("GET", stream)).body, { logType: "configuration", ...body })
      const [{ id }] = JSON.parse((yield* ask("GET", audit)).text).destinations
      assert.deepStrictEqual(yield* secretOf(id), { version: "", secret: undefined })
      assert.strictEqual((yield* ask("PUT", stream, { body: { ...open, ...secret } })).status, 200)
      assert.include((yield* secretOf(id)).secret, typeSecret)
      assert.notProperty((yield* ask("GET", stream)).body, "gcsCredentials")
      assert.strictEqual((yield* ask("PUT", stream, { body })).status, 200)
      assert.deepStrictEqual(yield* secretOf(id), { version: "", secret: undefined })
      const message = "gcsCredentials is required and must not be empty"
      assert.deepInclude(yield* ask("PUT", stream, { body: open }), { status: 400, body: { message } })
    }))

  it.effect("http: none, then a token, then none", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { authScheme: _, ...open } = exampleOf("http").open
      const { made, path } = yield* createFrom(open)
      assert.strictEqual(made.authScheme, "none")
      assert.deepStrictEqual(yield* secretOf(made.id), { version: "", secret: undefined })
      const needed = yield* ask("PUT", path, { body: { ...open, authScheme: "hmac" } })
      assert.deepInclude(needed, { status: 400, body: { message: "token is required and must not be empty" } })
      yield* ask("PUT", path, { body: { ...open, authScheme: "hmac", token: typeSecret } })
      assert.strictEqual((yield* secretOf(made.id)).secret, typeSecret)
      yield* ask("PUT", path, { body: { ...open, authScheme: "none" } })
      assert.deepStrictEqual(yield* secretOf(made.id), { version: "", secret: undefined })
    }))
})

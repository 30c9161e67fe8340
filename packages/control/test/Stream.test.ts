import { assert, layer } from "@effect/vitest"
import { ControlLog } from "@tailrace/event-store"
import { Effect } from "effect"
import { exampleCom } from "./commands.ts"
import { s3Body, Server, serverLayer } from "./server.ts"

const stream = "tailnet/-/logging/configuration/stream"
const missing = { message: "no stream of configuration logs is configured" }

layer(serverLayer(), { excludeTestServices: true })("stream of a log type", (it) => {
  it.effect("is 404 while there is none, and JSON", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      assert.deepInclude(yield* ask("GET", stream), { status: 404, type: "application/json", body: missing })
      assert.deepInclude(yield* ask("DELETE", stream), { status: 404, body: missing })
      assert.deepInclude(yield* ask("GET", `${stream}/status`), { status: 404, body: missing })
    }))

  it.effect("is put, read, changed and deleted", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      assert.deepInclude(yield* ask("PUT", stream, { body: s3Body }), { status: 200, text: "" })
      const { s3SecretAccessKey: _, ...readable } = s3Body
      const expected = { ...readable, logType: "configuration", user: "" }
      assert.deepStrictEqual((yield* ask("GET", stream)).body, expected)
      const { s3SecretAccessKey: __, ...kept } = { ...s3Body, uploadPeriodMinutes: 0, user: "user" }
      assert.deepInclude(yield* ask("PUT", stream, { body: kept }), { status: 200, text: "" })
      const changed = { ...expected, uploadPeriodMinutes: 0, user: "user" }
      assert.deepStrictEqual((yield* ask("GET", stream)).body, changed)
      assert.deepInclude(yield* ask("DELETE", stream), { status: 200, text: "" })
      assert.deepInclude(yield* ask("GET", stream), { status: 404, body: missing })
    }))

  it.effect("takes what the Terraform provider sends, and does not drift", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const minimal = {
        destinationType: "s3",
        user: "user",
        compressionFormat: "none",
        s3Bucket: "logs",
        s3Region: "us-west-2",
        s3KeyPrefix: "logs/",
        s3AuthenticationType: "accesskey",
        s3AccessKeyId: "id",
        gcsScopes: []
      }
      const sent = { ...minimal, s3SecretAccessKey: "secret" }
      assert.strictEqual((yield* ask("PUT", stream, { body: sent })).status, 200)
      const { gcsScopes: _, ...echoed } = minimal
      const expected = { ...echoed, logType: "configuration", url: "", uploadPeriodMinutes: 0 }
      assert.deepStrictEqual((yield* ask("GET", stream)).body, expected)
    }))

  it.effect("makes no new version of what is the same, secret included", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const control = yield* ControlLog
      yield* ask("PUT", stream, { body: s3Body })
      const before = control.tailnet(exampleCom)?.version
      assert.strictEqual((yield* ask("PUT", stream, { body: s3Body })).status, 200)
      assert.strictEqual(control.tailnet(exampleCom)?.version, before)
      assert.strictEqual((yield* ask("PUT", stream, { body: { ...s3Body, s3SecretAccessKey: "other" } })).status, 200)
      assert.strictEqual(control.tailnet(exampleCom)?.version, (before ?? 0) + 1)
    }))

  it.effect("takes null, empty texts and empty lists for absence", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const path = "tailnet/-/logging/network/stream"
      const empty = {
        url: null,
        token: "",
        s3KeyPrefix: "",
        s3RoleArn: "",
        s3ExternalId: null,
        gcsBucket: "",
        gcsScopes: null,
        gcsCredentials: "",
        logType: "network",
        compressionFormat: "",
        uploadPeriodMinutes: null,
        s3AuthenticationType: ""
      }
      assert.strictEqual((yield* ask("PUT", path, { body: { ...s3Body, ...empty } })).status, 200)
      assert.deepInclude((yield* ask("GET", path)).body, {
        url: "",
        s3KeyPrefix: "",
        compressionFormat: "none",
        uploadPeriodMinutes: 0,
        s3AuthenticationType: "accesskey"
      })
    }))

  it.effect("is found by name and id of the tailnet, and no other tailnet is", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const control = yield* ControlLog
      yield* ask("PUT", stream, { body: s3Body })
      const id = control.tailnet(exampleCom)?.id ?? ""
      assert.match(id, /^T\w+CNTRL$/)
      for (const name of ["-", "example.com", id]) {
        assert.strictEqual((yield* ask("GET", `tailnet/${name}/logging/configuration/stream`)).status, 200)
      }
      const other = yield* ask("GET", "tailnet/other.example/logging/configuration/stream")
      assert.deepInclude(other, { status: 404, body: { message: "tailnet other.example not found" } })
    }))

  it.effect("is JSON also where nothing is", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const notFound = { status: 404, type: "application/json", body: { message: "not found" } }
      assert.deepInclude(yield* ask("GET", "tailnet/-/logging/other/stream"), notFound)
      assert.deepInclude(yield* ask("GET", "nothing"), notFound)
      assert.deepInclude(yield* ask("PUT", "/x"), notFound)
      const post = yield* ask("POST", stream, { body: s3Body })
      assert.deepInclude(post, { status: 405, type: "application/json" })
      assert.include(post.text, "only GET, PUT, DELETE")
    }))
})

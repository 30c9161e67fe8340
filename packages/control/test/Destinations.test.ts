import { assert, layer } from "@effect/vitest"
import type { DestinationId } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { Effect, Option, Redacted } from "effect"
import { exampleCom } from "./commands.ts"
import { all, appendFlows, body, create, lane } from "./destinations.ts"
import { lanes, s3Body, Server, serverLayer } from "./server.ts"

const startOf = (id: DestinationId) =>
  Effect.map(ControlLog, (control) => control.tailnet(exampleCom)?.destinations.get(id)?.start)

layer(serverLayer(), { excludeTestServices: true })("destinations", (it) => {
  it.effect("are created with defaults, listed, changed and deleted", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { id, made, path } = yield* create({ name: "archive", compressionFormat: "" })
      assert.deepInclude(made, {
        name: "archive",
        slot: null,
        logType: "network",
        uploadPeriodMinutes: 0,
        uploadPeriodSeconds: 60,
        compressionFormat: "zstd",
        keyLayout: "documented",
        emptyWindows: "none",
        addressing: "auto",
        paused: false,
        version: 1,
        updatedBy: "owner@example.com"
      })
      assert.deepStrictEqual((yield* ask("GET", path)).body, made)
      assert.deepStrictEqual((yield* ask("GET", all)).body, { destinations: [made] })
      assert.deepStrictEqual((yield* ask("GET", "tailnet/-/logging/configuration/destinations")).body, {
        destinations: []
      })
      const { s3SecretAccessKey: __, ...kept } = body
      const changed = yield* ask("PUT", path, { body: { ...kept, uploadPeriodSeconds: 30, keyLayout: "live" } })
      assert.deepInclude(changed.body, { id, version: 2, uploadPeriodSeconds: 30, keyLayout: "live" })
      assert.deepInclude(yield* ask("PUT", path, { body: { ...kept, name: "other" } }), {
        status: 400,
        body: { message: "name cannot be changed" }
      })
      assert.strictEqual((yield* ask("DELETE", path)).status, 200)
      const gone = { status: 404, body: { message: `destination ${id} not found` } }
      assert.deepInclude(yield* ask("GET", path), gone)
      assert.deepInclude(yield* ask("DELETE", path), gone)
      assert.deepInclude(yield* ask("POST", `${path}/pause`), gone)
    }))

  it.effect("of one name are a conflict", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      yield* create({ name: "twice" })
      const again = yield* ask("POST", all, { body: { ...body, name: "twice" } })
      assert.deepInclude(again, {
        status: 409,
        body: { message: "a destination with the name twice exists already" }
      })
    }))

  it.effect("start now, at the earliest record, or at a time, on every lane", () =>
    Effect.gen(function*() {
      yield* appendFlows(4)
      const now = yield* create()
      const expected = Array.from({ length: lanes }, (_, index) => index === lane ? 4 : 0)
      assert.deepStrictEqual(yield* startOf(now.id), { _tag: "At", offsets: expected })
      const zeros = { _tag: "At" as const, offsets: expected.map(() => 0) }
      assert.deepStrictEqual(yield* startOf((yield* create({ startAt: "earliest" })).id), zeros)
      const past = yield* create({ startAt: "2020-01-01T00:00:00+01:00" })
      assert.deepStrictEqual(yield* startOf(past.id), zeros)
      const future = yield* create({ startAt: "2999-01-01T00:00:00Z" })
      assert.deepStrictEqual(yield* startOf(future.id), { _tag: "At", offsets: expected })
    }))

  it.effect("keep their secret where only the sender finds it", () =>
    Effect.gen(function*() {
      const secrets = yield* Secrets
      const control = yield* ControlLog
      const { id } = yield* create()
      const version = control.tailnet(exampleCom)?.destinations.get(id)?.versions[0]?.secretVersion ?? ""
      const secret = yield* secrets.get({ tailnet: exampleCom, destination: id, version })
      assert.strictEqual(Option.map(secret, Redacted.value).pipe(Option.getOrThrow), s3Body.s3SecretAccessKey)
    }))

  it.effect("say that they wait for flow logs, and stop saying so", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { path } = yield* create()
      assert.deepInclude((yield* ask("GET", `${path}/status`)).body, { state: "waiting for flow logs", legs: [] })
      yield* ask("PATCH", "tailnet/-/settings", { body: { networkFlowLoggingOn: true } })
      assert.deepInclude((yield* ask("GET", `${path}/status`)).body, { state: "streaming" })
    }))

  it.effect("pause and resume", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { path } = yield* create()
      assert.deepInclude(yield* ask("POST", `${path}/pause`), { status: 200, text: "" })
      assert.deepInclude((yield* ask("GET", path)).body, { paused: true })
      assert.deepInclude((yield* ask("GET", `${path}/status`)).body, { state: "paused" })
      assert.deepInclude(yield* ask("POST", `${path}/resume`), { status: 200, text: "" })
      assert.deepInclude((yield* ask("GET", path)).body, { paused: false })
    }))
})

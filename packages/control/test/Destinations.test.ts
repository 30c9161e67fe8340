import { assert, layer } from "@effect/vitest"
import { DestinationId, type LedgerEvent } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { laneOf, Log } from "@tailrace/log"
import { Clock, Effect, Fiber, Option, Redacted, Stream } from "effect"
import { LedgerProjection } from "../src/index.ts"
import { exampleCom, execute } from "./commands.ts"
import { lanes, s3Body, Server, serverLayer } from "./server.ts"

const all = "tailnet/-/logging/network/destinations"
const { uploadPeriodMinutes: _, ...body } = s3Body

const create = Effect.fnUntraced(function*(more: object = {}) {
  const { ask } = yield* Server
  const answer = yield* ask("POST", all, { body: { ...body, ...more } })
  assert.strictEqual(answer.status, 200, answer.text)
  const id = DestinationId.make(JSON.parse(answer.text).id)
  return { id, path: `tailnet/-/destinations/${id}`, made: JSON.parse(answer.text) }
})

const startOf = (id: DestinationId) =>
  Effect.map(ControlLog, (control) => control.tailnet(exampleCom)?.destinations.get(id)?.start)

const lane = laneOf(exampleCom, lanes)

const delivered = (destination: DestinationId, more: object = {}): LedgerEvent => ({
  _tag: "BatchDelivered",
  destination,
  seal: "s1",
  from: 0,
  to: 3,
  count: 3,
  key: "audit/2026/01/01/00:00:00.json.zst",
  bytes: 600,
  contentBytes: 1800,
  quarantined: 1,
  attempts: 3,
  configVersion: 1,
  at: 1_767_225_600_000,
  ...more
})

const appendFlows = (count: number) =>
  Effect.flatMap(Log, (log) =>
    log.append(
      "flow",
      lane,
      Array.from({ length: count }, () => ({ key: exampleCom, value: new TextEncoder().encode("{\"nodeId\":\"n1\"}") }))
    ))

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

layer(serverLayer(), { excludeTestServices: true })("status", (it) => {
  it.effect("is made of the ledger and the log", () =>
    Effect.gen(function*() {
      const { ask, ledger } = yield* Server
      yield* execute({ _tag: "ChangeSettings", changes: { networkFlowLoggingOn: true } })
      yield* ask("PUT", "tailnet/-/logging/network/stream", { body: s3Body })
      const control = yield* ControlLog
      const [id] = [...control.tailnet(exampleCom)?.destinations.keys() ?? []]
      if (id === undefined) return assert.fail("no destination")
      yield* appendFlows(5)
      const at = yield* Clock.currentTimeMillis
      const failure = { status: 503, message: "slow down", attempt: 1, retryAt: at + 1000, at }
      yield* ledger(lane, { _tag: "AttemptFailed", destination: id, ...failure })
      yield* ledger(lane, delivered(id, { attempts: 2, at }))
      yield* ledger(lane, {
        _tag: "Suspended",
        destination: id,
        status: 403,
        message: "InvalidAccessKeyId",
        probes: 1,
        nextProbeAt: at + 60_000,
        at
      })
      const stream = yield* ask("GET", "tailnet/-/logging/network/stream/status")
      assert.deepInclude(stream.body, {
        lastActivity: new Date(at).toISOString(),
        lastError: "InvalidAccessKeyId",
        maxBodySize: 600,
        maxNumEntries: 3,
        numBytesSent: 600,
        numEntriesSent: 3,
        numFailedRequests: 2,
        numSpoofedEntries: 0,
        numTotalRequests: 3
      })
      const rates = ["rateBytesSent", "rateEntriesSent", "rateFailedRequests", "rateTotalRequests"]
      for (const rate of rates) assert.isAbove(JSON.parse(stream.text)[rate], 0)
      const status = JSON.parse((yield* ask("GET", `tailnet/-/destinations/${id}/status`)).text)
      assert.deepInclude(status, {
        state: "suspended",
        numObjects: 1,
        numQuarantinedEntries: 1,
        lagRecords: 2,
        lagIsExact: true,
        nextProbe: new Date(at + 60_000).toISOString()
      })
      assert.approximately(status.secondsUntilLoss, 30 * 86_400, 60)
      assert.strictEqual(status.legs.length, 1)
      assert.deepInclude(status.legs[0], { lane, cursor: 3, lagRecords: 2, state: "suspended" })
    }))

  it.effect("of a stream that never sent anything has the twelve fields", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      yield* ask("PUT", "tailnet/-/logging/configuration/stream", { body: s3Body })
      const { body: figures } = yield* ask("GET", "tailnet/-/logging/configuration/stream/status")
      assert.deepStrictEqual(figures, {
        lastActivity: "0001-01-01T00:00:00Z",
        lastError: "",
        maxBodySize: 0,
        maxNumEntries: 0,
        numBytesSent: 0,
        numEntriesSent: 0,
        numFailedRequests: 0,
        numSpoofedEntries: 0,
        numTotalRequests: 0,
        rateBytesSent: 0,
        rateEntriesSent: 0,
        rateFailedRequests: 0,
        rateTotalRequests: 0
      })
    }))
})

layer(serverLayer(), { excludeTestServices: true })("delivery's answers", (it) => {
  it.effect("a test waits for its result in the ledger", () =>
    Effect.gen(function*() {
      const { ask, ledger } = yield* Server
      const control = yield* ControlLog
      const { id, path } = yield* create()
      const asked = yield* Effect.forkChild(ask("POST", `${path}/test`), { startImmediately: true })
      const requested = () => control.tailnet(exampleCom)?.destinations.get(id)?.testRequested
      while (requested() === null) yield* Effect.sleep("5 millis")
      const capabilities = { conditionalPut: true, inspect: false }
      const result = { ok: true, message: "stored", capabilities }
      yield* ledger(lane, { _tag: "Tested", destination: id, test: "another", ...result, ok: false, at: 1 })
      yield* ledger(lane, { _tag: "Tested", destination: id, test: requested() ?? "", ...result, at: 2 })
      assert.deepInclude(yield* Fiber.join(asked), { status: 200, body: result })
    }))

  it.effect("history joins who changed what with what was delivered, newest last", () =>
    Effect.gen(function*() {
      const { ask, ledger } = yield* Server
      const { id, path } = yield* create()
      yield* ask("PUT", path, { body: { ...body, s3KeyPrefix: "other/" } })
      const at = (yield* Clock.currentTimeMillis) + 10
      const seal = {
        id: "s1",
        from: 0,
        to: 3,
        count: 3,
        contentSha256: "",
        contentBytes: 1800,
        skipped: [],
        key: "k",
        target: "t",
        codec: "zstd" as const,
        configVersion: 2
      }
      yield* ledger(lane, { _tag: "BatchSealed", destination: id, seal, at })
      yield* ledger(lane, delivered(id, { at: at + 5 }))
      const history = JSON.parse((yield* ask("GET", `${path}/history`)).text).history
      const events = history.map((entry: { readonly event: string }) => entry.event)
      assert.deepStrictEqual(events, ["DestinationCreated", "DestinationUpdated", "BatchDelivered"])
      assert.deepInclude(history[1], { by: "owner@example.com" })
      assert.deepInclude(history[1].details, { origin: "CONFIG_API", changes: ["changed: keyPrefix"] })
      assert.strictEqual(history[2].lane, lane)
      assert.deepInclude(history[2].details, { count: 3, sealedAt: new Date(at).toISOString() })
    }))

  it.effect("deliveries are announced from now on", () =>
    Effect.gen(function*() {
      const { ledger } = yield* Server
      const projection = yield* LedgerProjection
      const { id } = yield* create()
      const first = yield* projection.delivered.pipe(
        Stream.filter(({ event }) => event.destination === id),
        Stream.take(1),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      yield* Effect.sleep("20 millis")
      yield* ledger(lane, delivered(id, { count: 7 }))
      const [delivery] = yield* Fiber.join(first)
      assert.strictEqual(delivery?.event.count, 7)
    }))
})

import { assert, layer } from "@effect/vitest"
import type { DestinationId, LedgerEvent } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { Clock, Effect, Fiber, Stream } from "effect"
import { LedgerProjection } from "../src/index.ts"
import { rfc3339 } from "../src/Time.ts"
import { bodyOf } from "./bodies.ts"
import { exampleCom, execute } from "./commands.ts"
import { appendFlows, body, create, delivered, lane } from "./destinations.ts"
import { s3Body, Server, serverLayer } from "./server.ts"

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
        lastActivity: rfc3339(at),
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
        attempts: 1,
        suspendedSince: rfc3339(at),
        nextProbe: rfc3339(at + 60_000)
      })
      assert.approximately(status.secondsUntilLoss, 30 * 86_400, 60)
      assert.strictEqual(status.legs.length, 1)
      const suspended = { state: "suspended", attempts: 1, suspendedSince: rfc3339(at) }
      assert.deepInclude(status.legs[0], { lane, cursor: 3, lagRecords: 2, ...suspended })
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

layer(serverLayer(), { excludeTestServices: true })("status of a receiver", (it) => {
  const sent = (destination: DestinationId, more: object): LedgerEvent => ({
    _tag: "RecordsDelivered",
    destination,
    from: 0,
    to: 3,
    count: 2,
    quarantined: 1,
    requests: 4,
    failed: 2,
    bytes: 900,
    contentBytes: 4000,
    largest: 500,
    configVersion: 1,
    at: 0,
    ...more
  })

  it.effect("counts requests, and says why it waits", () =>
    Effect.gen(function*() {
      const { ask, ledger } = yield* Server
      yield* execute({ _tag: "ChangeSettings", changes: { networkFlowLoggingOn: true } })
      const { id, path } = yield* create(bodyOf("splunk"))
      yield* appendFlows(5)
      const at = yield* Clock.currentTimeMillis
      const failure = { destination: id, status: 503, message: "503: {\"text\":\"Server is busy\",\"code\":9}" }
      const capabilities = { acknowledges: true, scheme: "basic" }
      yield* ledger(
        lane,
        { _tag: "Probed", destination: id, target: "splunk x", capabilities, at },
        { _tag: "AttemptFailed", ...failure, attempt: 1, retryAt: at, at },
        sent(id, { at }),
        { _tag: "AttemptFailed", ...failure, attempt: 2, retryAt: at + 60_000, at: at + 1 }
      )
      const status = JSON.parse((yield* ask("GET", `${path}/status`)).text)
      assert.deepInclude(status, {
        lastActivity: rfc3339(at + 1),
        lastError: failure.message,
        state: "backing off",
        attempts: 2,
        suspendedSince: null,
        nextProbe: rfc3339(at + 60_000),
        capabilities,
        numObjects: 0,
        numEntriesSent: 2,
        numQuarantinedEntries: 1,
        numBytesSent: 900,
        maxBodySize: 500,
        numTotalRequests: 5,
        numFailedRequests: 3,
        lagRecords: 2
      })
      assert.approximately(status.rateEntriesSent, 2 / 300, 1e-4)
      assert.approximately(status.rateFailedRequests, 3 / 300, 1e-4)
      assert.deepInclude(status.legs[0], { cursor: 3, openObject: null, attempts: 2 })
    }))

  it.effect("shows one entry of history for what was sent within a minute", () =>
    Effect.gen(function*() {
      const { ask, ledger } = yield* Server
      const { id, path } = yield* create({ ...bodyOf("datadog"), name: "another" })
      const at = (yield* Clock.currentTimeMillis) + 10
      yield* ledger(lane, sent(id, { at }), sent(id, { from: 3, to: 9, count: 6, quarantined: 0, at: at + 500 }))
      const [, entry] = JSON.parse((yield* ask("GET", `${path}/history`)).text).history
      assert.deepInclude(entry, { event: "RecordsDelivered", lane, time: rfc3339(at + 500) })
      assert.deepInclude(entry.details, { since: rfc3339(at), from: 0, to: 9, count: 8, quarantined: 1, requests: 8 })
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
      assert.deepInclude(history[2].details, { count: 3, sealedAt: rfc3339(at) })
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

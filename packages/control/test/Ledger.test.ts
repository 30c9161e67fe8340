import { assert, describe, it } from "@effect/vitest"
import { type Destination, LedgerEvent, type LegEvent, TailnetName } from "@tailrace/domain"
import { type Lane, Log, makeMemoryLog } from "@tailrace/log"
import { Effect, Fiber, Layer, Schema, Stream } from "effect"
import { LedgerProjection } from "../src/index.ts"
import { Backlog, maxRecordsScanned } from "../src/ledger/Backlog.ts"
import { evolveFigures, type LegFigures, noFigures } from "../src/ledger/LegFigures.ts"
import { addToRate, noRate, rateAt, rateConstantMillis } from "../src/ledger/Rate.ts"
import { finishedSecrets } from "../src/ledger/SecretShredder.ts"
import { adopted, closed, delivered, destination, failed, sealed, sent } from "./legEvents.ts"

const fold = (...events: ReadonlyArray<LegEvent>): LegFigures => events.reduce(evolveFigures, noFigures)

describe("figures", () => {
  it("count each request once: a delivery's attempts hold the failures before it", () => {
    const figures = fold(failed(1), failed(2), delivered({ attempts: 3 }), delivered())
    assert.deepInclude(figures, { requests: 4, failedRequests: 2, entries: 20, bytes: 200, objects: 2, lastError: "" })
    assert.deepInclude(fold(failed(1), delivered({ attempts: 1 })), { requests: 2, failedRequests: 1 })
  })

  it("of a receiver count what each event sums up", () => {
    const next = sent({ from: 12, to: 20, count: 8, quarantined: 0, requests: 1, failed: 0 })
    const figures = fold(failed(1), sent({ failed: 2 }), next)
    assert.deepInclude(figures, {
      // The failure that stands in the ledger by itself is one of the two.
      requests: 4,
      failedRequests: 2,
      entries: 18,
      quarantined: 2,
      bytes: 200,
      objects: 0,
      maxBodySize: 60,
      maxNumEntries: 10,
      lastError: ""
    })
    // A process that ended in between knows of no failure before it.
    assert.deepInclude(fold(failed(1), sent({ requests: 3, failed: 0 })), { requests: 4, failedRequests: 1 })
    assert.strictEqual(figures.leg.cursor, 20)
    assert.isAbove(figures.rates.failedRequests.perSecond, 0)
  })

  it("keep the last error until something is delivered", () => {
    assert.strictEqual(fold(failed(1)).lastError, "broken")
    assert.strictEqual(fold(failed(1), delivered()).lastError, "")
    assert.strictEqual(fold(failed(1), sent({ at: 100 })).lastError, "")
    assert.strictEqual(fold(failed(1, 200), sent({ at: 100, waits: true })).lastError, "broken")
    assert.strictEqual(fold(failed(1, 200), sent({ at: 200 })).lastError, "")
  })
})

describe("rates", () => {
  it("decay, keep their sum, and stand a clock that jumps back", () => {
    const rate = addToRate(noRate, 300, 1000)
    assert.approximately(rateAt(rate, 1000), 300 / (rateConstantMillis / 1000), 1e-9)
    assert.approximately(rateAt(rate, 1000 + rateConstantMillis), rate.perSecond / Math.E, 1e-9)
    assert.strictEqual(rateAt(rate, 0), rate.perSecond)
    let steady = noRate
    for (let at = 0; at < 20 * rateConstantMillis; at += 1000) steady = addToRate(steady, 5, at)
    assert.approximately(steady.perSecond, 5, 0.05)
  })
})

const withVersions = (secrets: ReadonlyArray<string>, deleted = false): Destination => ({
  id: destination,
  tailnet: TailnetName.make("example.com"),
  logType: "network",
  slot: null,
  name: "a",
  versions: secrets.map((secretVersion, index) => ({
    version: index + 1,
    secretVersion,
    config: { _tag: "s3", url: "", bucket: "b", region: "", keyPrefix: "", accessKeyId: "i", addressing: "auto" },
    upload: { periodMinutes: 1, periodSeconds: 60, codec: "zstd", keyLayout: "live", emptyWindows: "none" },
    by: { id: "u", type: "USER", loginName: "", displayName: "" },
    at: 0
  })),
  start: { _tag: "At", offsets: [0, 0] },
  paused: false,
  deleted,
  testRequested: null,
  createdAt: { lane: 0, offset: 0 },
  createdMillis: 0
})

describe("secrets of which nothing is left to send", () => {
  const both = (one: LegFigures, other: LegFigures) => new Map<Lane, LegFigures>([[0, one], [1, other]])
  const changed = withVersions(["s1", "s1", "s2"])

  it.each([
    { what: "adopted everywhere", legs: both(fold(adopted(3)), fold(adopted(3))), finished: ["s1"] },
    { what: "one lane behind", legs: both(fold(adopted(3)), fold(adopted(2))), finished: [] },
    { what: "one lane silent", legs: new Map([[0, fold(adopted(3))]]), finished: [] },
    { what: "an open seal from before", legs: both(fold(adopted(3), sealed(2)), fold(adopted(3))), finished: [] },
    { what: "an open seal of now", legs: both(fold(adopted(3), sealed(3)), fold(adopted(3))), finished: ["s1"] }
  ])("$what", ({ finished, legs }) => {
    assert.deepStrictEqual(finishedSecrets(changed, legs, 2), finished)
  })

  it("all of them once a deleted destination's legs have closed", () => {
    const deleted = withVersions(["s1", "s2"], true)
    assert.deepStrictEqual(finishedSecrets(deleted, both(fold(closed), fold(closed)), 2), ["s1", "s2"])
    assert.deepStrictEqual(finishedSecrets(deleted, both(fold(closed), fold(adopted(2))), 2), ["s1"])
  })
})

const encode = Schema.encodeSync(Schema.fromJsonString(LedgerEvent))
const record = (event: LedgerEvent) => ({ key: null, value: new TextEncoder().encode(encode(event)) })
const logOf = (log: Log["Service"]) => Layer.succeed(Log, log)

describe("ledger projection", () => {
  it.effect("folds what is there, announces only what is new, and passes over what it does not know", () => {
    const { log } = makeMemoryLog({ lanes: 2 })
    return Effect.gen(function*() {
      yield* log.append("ledger", 0, [record(delivered()), { key: null, value: new TextEncoder().encode("{}") }])
      yield* log.append("ledger", 1, [record({ _tag: "LaneClaimed", process: "p", at: 1 })])
      yield* Effect.gen(function*() {
        const projection = yield* LedgerProjection
        yield* projection.caughtUp
        assert.strictEqual(projection.legs(destination).get(0)?.entries, 10)
        const announced = yield* projection.delivered.pipe(
          Stream.take(1),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        yield* Effect.yieldNow
        yield* log.append("ledger", 1, [record(delivered({ count: 3 }))])
        yield* projection.caughtUp
        assert.deepStrictEqual((yield* Fiber.join(announced)).map(({ event, lane }) => [lane, event.count]), [[1, 3]])
      }).pipe(Effect.provide(LedgerProjection.layer.pipe(Layer.provide(logOf(log)))))
    })
  })
})

describe("what waits", () => {
  const tailnet = TailnetName.make("example.com")
  const leg = { destination, tailnet, logType: "network" as const, lane: 0, cursor: 1 }
  const flows = (key: string, count: number) =>
    Array.from({ length: count }, () => ({ key, value: new TextEncoder().encode("{}") }))

  it.effect("is counted for this tailnet only, from the cursor on", () => {
    const { log } = makeMemoryLog({ lanes: 1 })
    return Effect.gen(function*() {
      const backlog = yield* Backlog
      yield* log.append("flow", 0, [...flows(tailnet, 3), ...flows("other.example", 5), ...flows(`${tailnet}/n`, 2)])
      assert.deepInclude(yield* backlog.measure(leg), { records: 4, isExact: true })
      assert.deepInclude(yield* backlog.measure({ ...leg, cursor: 10 }), { records: 0, oldestMillis: null })
    }).pipe(Effect.provide(Backlog.layer.pipe(Layer.provide(logOf(log)))))
  })

  it.effect("is estimated when it is very long", () => {
    const { log } = makeMemoryLog({ lanes: 1 })
    return Effect.gen(function*() {
      const backlog = yield* Backlog
      const half = [...flows(tailnet, 1), ...flows("other.example", 1)]
      const batch = Array.from({ length: 5000 }, () => half).flat()
      for (let count = 0; count < 3 * maxRecordsScanned; count += batch.length) yield* log.append("flow", 0, batch)
      const waiting = yield* backlog.measure({ ...leg, cursor: 0 })
      assert.isFalse(waiting.isExact)
      assert.approximately(waiting.records, 1.5 * maxRecordsScanned, 0.05 * maxRecordsScanned)
    }).pipe(Effect.provide(Backlog.layer.pipe(Layer.provide(logOf(log)))))
  })
})

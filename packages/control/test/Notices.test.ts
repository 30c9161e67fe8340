import { assert, describe, it } from "@effect/vitest"
import { noNotices, type Notices } from "@tailrace/domain"
import { Effect, Layer, Scope } from "effect"
import { dueNotices, type Health } from "../src/notices/dueNotice.ts"
import { span } from "../src/notices/Notice.ts"
import {
  appendFlows,
  begin,
  day,
  destination,
  execute,
  makeLog,
  makeRecorder,
  minute,
  pass,
  processLayer,
  resumed,
  suspended
} from "./notices.ts"

const now = 100 * day
const ago = (minutes: number) => now - minutes * minute
const well: Health = { paused: false, suspendedSince: null, wellSince: null, retentionLeft: null }
const given = (times: Partial<Record<keyof Notices, number>>): Notices => {
  const record = (kind: keyof Notices) => ({ ...noNotices[kind], givenAt: times[kind] ?? null })
  return { suspended: record("suspended"), recovered: record("recovered"), retention: record("retention") }
}

interface Row {
  readonly what: string
  readonly health: Partial<Health>
  readonly told: Partial<Record<keyof Notices, number>>
  readonly due: ReadonlyArray<keyof Notices>
}

describe("what is due", () => {
  const table: ReadonlyArray<Row> = [
    { what: "all is well", health: {}, told: {}, due: [] },
    { what: "suspended just now", health: { suspendedSince: ago(0.5) }, told: {}, due: [] },
    { what: "suspended for a minute", health: { suspendedSince: ago(1) }, told: {}, due: ["suspended"] },
    { what: "that is known", health: { suspendedSince: ago(500) }, told: { suspended: ago(499) }, due: [] },
    {
      what: "suspended again, the end was told",
      health: { suspendedSince: ago(10) },
      told: { suspended: ago(99), recovered: ago(50) },
      due: ["suspended"]
    },
    {
      what: "again, but within the hour",
      health: { suspendedSince: ago(10) },
      told: { suspended: ago(59), recovered: ago(50) },
      due: []
    },
    { what: "well for a minute", health: { wellSince: ago(1) }, told: { suspended: ago(5) }, due: ["recovered"] },
    { what: "well just now", health: { wellSince: ago(0.5) }, told: { suspended: ago(5) }, due: [] },
    { what: "well, and nobody knew that it was not", health: { wellSince: ago(5) }, told: {}, due: [] },
    {
      what: "well twice within the hour",
      health: { wellSince: ago(5) },
      told: { suspended: ago(9), recovered: ago(40) },
      due: []
    },
    { what: "paused", health: { paused: true, suspendedSince: ago(9) }, told: {}, due: [] },
    { what: "paused and well", health: { paused: true, wellSince: ago(9) }, told: { suspended: ago(10) }, due: [] },
    { what: "little retention left", health: { retentionLeft: 0.19 }, told: {}, due: ["retention"] },
    { what: "enough", health: { retentionLeft: 0.2 }, told: {}, due: [] },
    { what: "little, while paused", health: { paused: true, retentionLeft: 0 }, told: {}, due: ["retention"] },
    { what: "little, told today", health: { retentionLeft: 0.1 }, told: { retention: now - day + 1 }, due: [] },
    {
      what: "little, told yesterday",
      health: { retentionLeft: 0.1 },
      told: { retention: now - day },
      due: ["retention"]
    },
    { what: "both", health: { suspendedSince: ago(2), retentionLeft: 0.1 }, told: {}, due: ["suspended", "retention"] }
  ]

  it.each(table)("$what", ({ due, health, told }) => {
    assert.deepStrictEqual(dueNotices({ ...well, ...health }, given(told), now), due)
  })

  it("spans are told in the unit that suits them", () => {
    assert.deepStrictEqual([0, 119, 7199, 7200, 172_799, 172_800].map(span), [
      "0 minutes",
      "1 minute",
      "119 minutes",
      "2 hours",
      "47 hours",
      "2 days"
    ])
  })
})

describe("owners are told", () => {
  it.effect("of a suspension and of its end, with what is known of it", () =>
    Effect.gen(function*() {
      const { channel, owners, told } = makeRecorder()
      yield* Effect.gen(function*() {
        yield* begin
        yield* appendFlows(3)
        yield* suspended
        yield* pass(3)
        assert.deepStrictEqual(told.map(({ kind }) => kind), ["suspended"])
        yield* pass(10)
        yield* resumed
        yield* pass(3)
      }).pipe(Effect.provide(processLayer(makeLog().log, channel)))
      assert.deepStrictEqual(told.map(({ kind }) => kind), ["suspended", "recovered"])
      const [first] = told
      assert.deepInclude(first, {
        tailnet: "acme.io",
        destination: { id: destination, name: "SIEM", type: "axiom", logType: "network" },
        since: "1970-01-01T00:00:00.000Z",
        lastError: "403 Forbidden: token is not active",
        nextProbe: "1970-01-01T00:01:00.000Z"
      })
      assert.deepStrictEqual(first?.pending, { records: 3, isExact: true, oldestSeconds: 60, secondsUntilLoss: 5940 })
      assert.match(first?.message ?? "", /^SIEM is suspended.*lost in 99 minutes\.$/)
      assert.deepStrictEqual(owners, ["olga@acme.io", "olga@acme.io"])
    }))

  it.effect("not of what heals within a minute", () =>
    Effect.gen(function*() {
      const { channel, told } = makeRecorder()
      yield* Effect.gen(function*() {
        yield* begin
        yield* suspended
        yield* pass(0.5)
        yield* resumed
        yield* pass(10)
      }).pipe(Effect.provide(processLayer(makeLog().log, channel)))
      assert.deepStrictEqual(told, [])
    }))

  it.effect("once by several processes, and not again after a restart", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const { channel, told } = makeRecorder(100)
      const process = () => processLayer(memory.open(), channel)
      yield* Effect.gen(function*() {
        const others = yield* Scope.Scope
        yield* Layer.buildWithScope(process(), others)
        yield* Layer.buildWithScope(process(), others)
        yield* begin
        yield* suspended
        yield* pass(5)
      }).pipe(Effect.provide(process()), Effect.scoped)
      assert.strictEqual(told.length, 1)
      yield* pass(120).pipe(Effect.provide(process()))
      assert.strictEqual(told.length, 1)
      yield* resumed.pipe(Effect.andThen(pass(5)), Effect.provide(process()))
      assert.deepStrictEqual(told.map(({ kind }) => kind), ["suspended", "recovered"])
    }))

  it.effect("of what began while no process ran", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const { channel, told } = makeRecorder()
      yield* Effect.andThen(begin, suspended).pipe(Effect.provide(processLayer(memory.open(), channel)))
      yield* pass(600)
      assert.strictEqual(told.length, 0)
      yield* pass(2).pipe(Effect.provide(processLayer(memory.open(), channel)))
      assert.strictEqual(told.length, 1)
    }))

  it.effect("at most once an hour, however often it fails and heals", () =>
    Effect.gen(function*() {
      const { channel, told } = makeRecorder()
      yield* Effect.gen(function*() {
        yield* begin
        for (let round = 0; round < 18; round++) {
          yield* suspended
          yield* pass(5)
          yield* resumed
          yield* pass(5)
        }
      }).pipe(Effect.provide(processLayer(makeLog().log, channel)))
      const kinds = told.map(({ kind }) => kind)
      assert.deepStrictEqual(kinds, ["suspended", "recovered", "suspended", "recovered", "suspended", "recovered"])
      assert.strictEqual(new Set(told.map(({ id }) => id)).size, 6)
    }))

  it.effect("later, by the same id, when nobody could be told at first", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const { channel, refuse, told } = makeRecorder()
      refuse(true)
      yield* Effect.gen(function*() {
        yield* begin
        yield* suspended
        yield* pass(30)
        refuse(false)
        yield* pass(60)
      }).pipe(Effect.provide(processLayer(memory.log, channel)))
      assert.strictEqual(told.length, 1)
      const taken = [0, 1].flatMap((lane) => memory.records("control", lane))
        .filter(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()).includes("NoticeTaken"))
      assert.isBelow(taken.length, 6)
    }))

  it.effect("when less than a fifth of the retention is left, of a paused destination too, and once a day", () =>
    Effect.gen(function*() {
      const { channel, told } = makeRecorder()
      yield* Effect.gen(function*() {
        yield* begin
        yield* appendFlows(2)
        yield* execute({ _tag: "PauseDestination", destination })
        yield* pass(79)
        assert.deepStrictEqual(told, [])
        yield* pass(15)
        assert.deepStrictEqual(told.map(({ kind }) => kind), ["retention"])
        yield* pass(60)
      }).pipe(Effect.provide(processLayer(makeLog().log, channel)))
      assert.strictEqual(told.length, 1)
      assert.isBelow(told[0]?.pending.secondsUntilLoss ?? 1e9, 1200)
      assert.strictEqual(told[0]?.since, "1970-01-01T00:00:00.000Z")
    }))

  it.effect("of nothing that was deleted", () =>
    Effect.gen(function*() {
      const { channel, told } = makeRecorder()
      yield* Effect.gen(function*() {
        yield* begin
        yield* suspended
        yield* execute({ _tag: "DeleteDestination", destination })
        yield* pass(10)
      }).pipe(Effect.provide(processLayer(makeLog().log, channel)))
      assert.deepStrictEqual(told, [])
    }))
})

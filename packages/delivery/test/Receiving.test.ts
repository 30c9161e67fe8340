import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { append, createDestination, createTailnet, execute, ledgerOf, makeLog, pass, valuesOf } from "./harness.ts"
import {
  accepted,
  begin,
  dst,
  eventsOf,
  makeReceivers,
  many,
  misconfigured,
  processOf,
  splunk,
  transient,
  usable
} from "./receivers.ts"

describe("a leg to a receiver", () => {
  it.effect("sends what lingered, once, and its cursor follows", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(3)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(3)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
      assert.deepStrictEqual((yield* ledgerOf(memory, 0)).map(({ _tag }) => _tag), [
        "LaneClaimed",
        "ConfigAdopted",
        "AuditProjected",
        "Probed",
        "RecordsDelivered"
      ])
      const [delivered] = yield* eventsOf(memory)
      const bytes = values.join("\n").length + 1
      assert.deepInclude(delivered, { from: 0, to: 3, count: 3, quarantined: 0, requests: 1, failed: 0, bytes })
      assert.deepStrictEqual(receivers.opened, [])
    }))

  it.effect("full requests go at once, more of them at a time as answers stay fast, in log order", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(500)
      receivers.answerWith(() => Effect.as(Effect.sleep(100), accepted))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(30)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
      assert.deepStrictEqual(receivers.requests.flatMap(({ records }) => records), values)
      assert.strictEqual(receivers.mostUnderWay(), 4)
      const events = yield* eventsOf(memory)
      const counts = events.map((event) => event._tag === "RecordsDelivered" ? event.count : 0)
      assert.strictEqual(counts.reduce((sum, count) => sum + count, 0), 500)
      const requests = events.map((event) => event._tag === "RecordsDelivered" ? event.requests : 0)
      assert.strictEqual(requests.reduce((sum, count) => sum + count, 0), receivers.requests.length)
    }))

  it.effect("a passing failure backs off, is noted, and loses nothing", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(30)
      receivers.answerWith((_, index) => Effect.succeed(index < 3 ? transient : accepted))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(30)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
      const attempts = (yield* eventsOf(memory)).flatMap((event) => event._tag === "AttemptFailed" ? [event] : [])
      assert.deepStrictEqual(attempts.map(({ attempt, message }) => ({ attempt, message })), [
        { attempt: 1, message: "503 busy" },
        { attempt: 2, message: "503 busy" },
        { attempt: 3, message: "503 busy" }
      ])
    }))

  it.effect("`Retry-After` is waited for", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      receivers.answerWith((_, index) =>
        Effect.succeed(index === 0 ? { ...transient, retryAfterMillis: 20_000 } : accepted)
      )
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, many(1))
        yield* pass(19)
        assert.strictEqual(receivers.requests.length, 1)
        yield* pass(5)
        assert.strictEqual(receivers.requests.length, 2)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
    }))

  it.effect("a refused credential suspends it; it looks on a growing interval and resumes by itself", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(30)
      receivers.answerWith(() => Effect.succeed(misconfigured))
      receivers.probeWith(() => misconfigured)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(600)
        assert.strictEqual(receivers.requests.length, 0)
        const probes = receivers.probes.length
        assert.isAbove(probes, 2)
        assert.isBelow(probes, 12)
        assert.isTrue(receivers.probes.every((kind) => kind === "look"))
        receivers.probeWith(() => usable)
        receivers.answerWith(() => Effect.succeed(accepted))
        yield* pass(1800)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
    }))

  it.effect("a refusal of requests that probes do not see is asked about ever more rarely", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      receivers.answerWith(() => Effect.succeed(misconfigured))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, many(30))
        yield* pass(1800)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.isAbove(receivers.requests.length, 2)
      assert.isBelow(receivers.requests.length, 10)
      assert.deepStrictEqual(valuesOf(memory, "quarantine", 0), [])
    }))

  it.effect.each([["gzip", "gzip"], ["zstd", "none"], ["none", "none"]] as const)(
    "compresses with %s as %s, for the service takes no other",
    ([wanted, used]) =>
      Effect.gen(function*() {
        const memory = makeLog()
        const receivers = makeReceivers()
        yield* Effect.gen(function*() {
          yield* createTailnet
          yield* createDestination("dst_a", { other: splunk(), upload: { codec: wanted } })
          yield* append(0, many(3))
          yield* pass(3)
        }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
        assert.deepStrictEqual(receivers.requests.map(({ codec }) => codec), [used])
      })
  )

  it.effect("a test sends one sample, and what was answered is shown", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      yield* Effect.gen(function*() {
        yield* begin
        yield* execute({ _tag: "TestDestination", destination: dst, test: "t1" })
        yield* pass(2)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      const [tested] = yield* eventsOf(memory)
      assert.deepInclude(tested, { _tag: "Tested", test: "t1", ok: true, message: "200 HEC is healthy" })
      assert.deepStrictEqual(receivers.probes, ["sample"])
    }))
})

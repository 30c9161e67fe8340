import { assert, describe, it } from "@effect/vitest"
import type { Rules } from "@tailrace/domain"
import { Deferred, Effect, Exit, Layer, Scope } from "effect"
import { append, execute, makeLog, pass, upload } from "./harness.ts"
import { accepted, begin, dst, eventsOf, makeReceivers, many, processOf, splunk, transient } from "./receivers.ts"

const update = (url: string, rules?: Rules) =>
  execute({
    _tag: "UpdateDestination",
    destination: dst,
    config: splunk(url),
    upload,
    secretVersion: "1",
    ...rules === undefined ? {} : { rules }
  })

/** Only the first `count` requests wait until they are let go. */
const heldRequests = (count: number) => {
  const gate = Deferred.makeUnsafe<void>()
  return {
    answer: (_: unknown, index: number) => Effect.as(index < count ? Deferred.await(gate) : Effect.void, accepted),
    letGo: Deferred.succeed(gate, undefined)
  }
}

describe("a change while requests are under way", () => {
  it.effect("of the configuration: they finish, and only then the new receiver is opened", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(40)
      const held = heldRequests(1)
      receivers.answerWith(held.answer)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(2)
        yield* update("https://new")
        yield* pass(20)
        assert.deepStrictEqual(receivers.opened, ["https://splunk"])
        assert.strictEqual(receivers.requests.length, 1)
        yield* held.letGo
        yield* pass(5)
        assert.deepStrictEqual(receivers.opened, ["https://new"])
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
      assert.deepStrictEqual([...new Set(receivers.requests.map(({ url }) => url))], ["https://splunk", "https://new"])
      assert.deepStrictEqual(receivers.probes, ["look", "look"])
    }))

  it.effect("the new receiver is sent one request at first, however many the old one took", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      receivers.answerWith(() => Effect.as(Effect.sleep(100), accepted))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, many(200))
        yield* pass(20)
        assert.strictEqual(receivers.mostUnderWay(), 4)
        receivers.answerWith(() => Effect.as(Effect.sleep(5000), accepted))
        yield* update("https://new")
        yield* append(0, many(200))
        yield* pass(3)
        assert.strictEqual(receivers.requests.filter(({ url }) => url === "https://new").length, 1)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
    }))

  it.effect("of the rules: what was gathered is read again as they have it now", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const held = heldRequests(1)
      receivers.answerWith(held.answer)
      const values = Array.from({ length: 30 }, (_, n) => `{"logged":"2026-01-01T00:00:00Z","nodeId":"n${n}","n":${n}}`)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(2)
        yield* update("https://splunk", { redact: [{ field: "nodeId", how: "mask" }] })
        yield* pass(1)
        yield* held.letGo
        yield* pass(5)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      const masked = values.map((value) => value.replace(/"n\d+"/, "\"***\""))
      assert.deepStrictEqual(receivers.taken, [...values.slice(0, 10), ...masked.slice(10)])
    }))

  it.effect("pause: they finish, nothing new begins; after resuming it goes on where it was", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(40)
      const held = heldRequests(1)
      receivers.answerWith(held.answer)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(2)
        yield* execute({ _tag: "PauseDestination", destination: dst })
        yield* pass(1)
        yield* held.letGo
        yield* pass(100)
        assert.deepStrictEqual(receivers.taken, values.slice(0, 10))
        assert.deepStrictEqual(receivers.opened, [])
        yield* execute({ _tag: "ResumeDestination", destination: dst })
        yield* pass(5)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
    }))

  it.effect("deletion: they finish, and the leg says where it ended", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const held = heldRequests(1)
      receivers.answerWith(held.answer)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, many(40))
        yield* pass(2)
        yield* execute({ _tag: "DeleteDestination", destination: dst })
        yield* pass(1)
        yield* held.letGo
        yield* pass(5)
        assert.deepStrictEqual(receivers.opened, [])
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.strictEqual(receivers.taken.length, 10)
      assert.deepInclude((yield* eventsOf(memory)).at(-1), { _tag: "LegClosed", cursor: 10 })
    }))

  it.effect("an orderly stop: they finish and are noted; the next process goes on behind them", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(40)
      receivers.answerWith(() => Effect.as(Effect.sleep(3000), accepted))
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(processOf(memory, receivers), scope)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(2)
      }).pipe(Effect.provide(context))
      assert.strictEqual(receivers.requests.length, 1)
      yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* pass(5)
      assert.strictEqual(receivers.requests.length, 1)
      receivers.answerWith(() => Effect.succeed(accepted))
      yield* pass(5).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
    }))
})

describe("a takeover", () => {
  it.effect("after a crash: nothing is lost, and no more is sent twice than was under way or behind a hole", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(400)
      receivers.answerWith((_, index) => Effect.as(Effect.sleep(index === 30 ? 3_600_000 : 200), accepted))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(20)
      }).pipe(Effect.provide(processOf(memory, receivers, { drainMillis: 1 })), Effect.scoped, Effect.forkChild)
      yield* pass(30)
      const sent = receivers.requests.length
      receivers.answerWith(() => Effect.succeed(accepted))
      yield* pass(30).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual([...new Set(receivers.taken)].sort(), [...values].sort())
      const before = receivers.requests.slice(0, sent).flatMap(({ records }) => records)
      const after = receivers.requests.slice(sent).flatMap(({ records }) => records)
      const twice = after.filter((value) => before.includes(value))
      assert.isAbove(twice.length, 0)
      const committed = (yield* eventsOf(memory)).flatMap((event) =>
        event._tag === "RecordsDelivered" ? [{ from: event.from, to: event.to }] : []
      )
      for (const [index, { from }] of committed.entries()) {
        if (index > 0) assert.strictEqual(from, committed[index - 1]?.to)
      }
      assert.strictEqual(committed.at(-1)?.to, 400)
    }))

  it.effect("back-off and suspension outlive it", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(5)
      receivers.answerWith(() => Effect.succeed({ ...transient, retryAfterMillis: 60_000 }))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(5)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      receivers.answerWith(() => Effect.succeed(accepted))
      yield* Effect.gen(function*() {
        yield* pass(40)
        assert.strictEqual(receivers.requests.length, 1)
        yield* pass(30)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { type DestinationConfig, DestinationId } from "@tailrace/domain"
import { Secrets } from "@tailrace/event-store"
import { Effect, Redacted } from "effect"
import {
  append,
  createDestination,
  createTailnet,
  execute,
  makeLog,
  makeStore,
  pass,
  processLayer,
  s3,
  tailnet,
  upload
} from "./harness.ts"
import { begin, dst, eventsOf, makeReceivers, many, processOf, splunk, transient } from "./receivers.ts"

describe("a destination of another type", () => {
  const replacing = Effect.fnUntraced(function*(id: string, config: DestinationConfig) {
    const destination = DestinationId.make(id)
    const secrets = yield* Secrets
    yield* secrets.put({ tailnet, destination: id, version: "1" }, Redacted.make("secret"))
    yield* execute({
      _tag: "CreateDestination",
      destination,
      logType: "network",
      name: id,
      config,
      upload,
      secretVersion: "1",
      start: { _tag: "Replaces", destination: dst }
    })
  })

  it.effect("a store that replaces a receiver goes on at its cursor", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const store = makeStore()
      const values = many(30)
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values.slice(0, 10))
        yield* pass(5)
        receivers.answerWith(() => Effect.succeed(transient))
        yield* append(0, values.slice(10, 20))
        yield* pass(5)
        yield* replacing("dst_b", s3)
        yield* append(0, values.slice(20))
        yield* pass(120)
      }).pipe(Effect.provide(processLayer(memory.log, store, { receivers: receivers.layer })), Effect.scoped)
      const stored = store.records().map(({ body }) => body).join("")
      assert.deepStrictEqual(stored, values.slice(10).map((value) => `${value}\n`).join(""))
    }))

  it.effect("a receiver that replaces a store goes on at its cursor", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const store = makeStore()
      const values = many(30)
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a")
        yield* append(0, values.slice(0, 10))
        yield* pass(61)
        yield* append(0, values.slice(10, 20))
        yield* pass(5)
        yield* replacing("dst_b", splunk())
        yield* append(0, values.slice(20))
        yield* pass(10)
      }).pipe(Effect.provide(processLayer(memory.log, store, { receivers: receivers.layer })), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values.slice(10))
    }))
})

describe("retention", () => {
  it.effect("what expires before it could be sent is told; what was gathered is sent", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(60)
      yield* Effect.gen(function*() {
        yield* begin
        yield* execute({ _tag: "PauseDestination", destination: dst })
        yield* pass(1)
        yield* append(0, values)
        memory.expire("flow", 0, 25)
        yield* execute({ _tag: "ResumeDestination", destination: dst })
        yield* pass(10)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values.slice(25))
      const expired = (yield* eventsOf(memory)).filter(({ _tag }) => _tag === "RecordsExpired")
      assert.deepStrictEqual(expired.map((event) => event._tag === "RecordsExpired" && [event.from, event.to]), [[
        0,
        25
      ]])
    }))
})

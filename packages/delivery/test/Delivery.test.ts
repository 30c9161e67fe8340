import { assert, describe, it } from "@effect/vitest"
import { type Answer, initialPositions } from "@tailrace/domain"
import { Log } from "@tailrace/log"
import { Effect, Layer, Scope } from "effect"
import { Delivery } from "../src/index.ts"
import { readPositions, snapshotEntries } from "../src/lane/snapshot.ts"
import {
  append,
  createDestination,
  createTailnet,
  ledgerOf,
  makeLog,
  makeStore,
  pass,
  processLayer,
  record,
  valuesOf
} from "./harness.ts"

const unanswered: Answer = {
  _tag: "Transient",
  message: "no answer",
  status: null,
  retryAfterMillis: null,
  maybeStored: true
}

const contents = (store: ReturnType<typeof makeStore>) => store.records().map(({ body }) => body).join("")

describe("delivery", () => {
  it.effect("a record is in one object after its upload period", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const values = [record(), record(), record()]
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a")
        yield* pass(1)
        yield* append(0, values)
        yield* pass(61)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      assert.strictEqual(contents(store), values.map((value) => `${value}\n`).join(""))
      const events = yield* ledgerOf(memory, 0)
      assert.deepStrictEqual(events.map(({ _tag }) => _tag), [
        "LaneClaimed",
        "ConfigAdopted",
        "AuditProjected",
        "Probed",
        "BatchSealed",
        "BatchDelivered"
      ])
    }))

  it.effect("windows are cut at the object size, in order, over a backlog", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const values = Array.from({ length: 2000 }, () => record(100))
      const limits = {
        frameBytes: 4096,
        objectBytes: 20_000,
        windowsBytes: 64_000,
        legShareBytes: 8192,
        turnBytes: 32_000
      }
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a")
        yield* append(0, values)
        yield* pass(200)
      }).pipe(Effect.provide(processLayer(memory.log, store, limits)), Effect.scoped)
      assert.strictEqual(contents(store), values.map((value) => `${value}\n`).join(""))
      assert.isAbove(store.records().length, 3)
    }))

  it.effect("a refused credential suspends, and the leg resumes by itself where it was", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const values = [record(), record()]
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a")
        store.failWith(() => ({ _tag: "Misconfigured", message: "AccessDenied", status: 403 }))
        yield* append(0, values)
        yield* pass(300)
        assert.strictEqual(contents(store), "")
        store.failWith(() => null)
        yield* pass(4200)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      assert.strictEqual(contents(store), values.map((value) => `${value}\n`).join(""))
    }))

  it.effect("junk and keyless records go to quarantine and stop nobody", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const good = record()
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a")
        yield* append(0, ["junk"])
        yield* append(0, [record()], null)
        yield* append(0, [record()], "nobody.example")
        yield* append(0, [good])
        yield* pass(61)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      assert.strictEqual(contents(store), `${good}\n`)
      assert.strictEqual(valuesOf(memory, "quarantine", 0).length, 3)
    }))

  it.effect("an upload period without records writes what the destination asks for", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_none")
        yield* createDestination("dst_zero", { config: { bucket: "zero" }, upload: { emptyWindows: "zero-byte" } })
        yield* pass(61)
        assert.deepStrictEqual(store.records().map(({ body }) => body), [""])
        yield* append(0, [record()])
        yield* pass(60)
        assert.strictEqual(store.records().length, 3)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
    }))

  it.effect("a manifest says the same after a takeover", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const manifest = { upload: { emptyWindows: "manifest" } }
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", manifest)
        store.failWith((key) => key.includes("canary") ? null : unanswered)
        yield* pass(61)
      }).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
      const sealed = (yield* ledgerOf(memory, 0)).flatMap((event) => event._tag === "BatchSealed" ? [event.seal] : [])
      store.failWith(() => null)
      yield* pass(180).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
      const [object] = store.records()
      assert.strictEqual(object?.key, sealed[0]?.key)
      assert.match(object?.key ?? "", /\.manifest\.json$/)
      assert.strictEqual(
        object?.body,
        `${JSON.stringify({ tailrace: "no records", destination: "dst_a", lane: 0, upTo: sealed[0]?.to })}\n`
      )
    }))

  it.effect("a second process takes over: what was sealed is sent with the same content, nothing twice", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const values = Array.from({ length: 50 }, () => record())
      const first = yield* Scope.make()
      const context = yield* Layer.buildWithScope(Layer.fresh(processLayer(memory.log, store)), first)
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a")
        yield* append(0, values.slice(0, 30))
        store.failWith((key) =>
          key.includes("canary")
            ? null
            : { _tag: "Transient", message: "503", status: 503, retryAfterMillis: null, maybeStored: true }
        )
        yield* pass(61)
        yield* append(0, values.slice(30))
      }).pipe(Effect.provide(context))
      store.failWith(() => null)
      yield* pass(180).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      assert.strictEqual(contents(store), values.map((value) => `${value}\n`).join(""))
    }))

  for (const how of ["recreate", "truncate"] as const) {
    it.effect(`a lane that was ${how}d and has grown again is not read on`, () =>
      Effect.gen(function*() {
        const memory = makeLog()
        const store = makeStore()
        const values = Array.from({ length: 20 }, () => record())
        yield* Effect.gen(function*() {
          yield* createTailnet
          yield* createDestination("dst_a")
          yield* append(0, values)
          yield* pass(180)
        }).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
        if (how === "recreate") memory.recreate("flow", 0)
        else memory.truncate("flow", 0, 10)
        const states = yield* Effect.gen(function*() {
          yield* append(0, Array.from({ length: 40 }, () => record()))
          yield* pass(180)
          return yield* Delivery.use(({ lanes }) => lanes)
        }).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
        assert.match(states.get(0) ?? "", /flow\/0 does not hold what was read of it before/)
        assert.strictEqual(contents(store), values.map((value) => `${value}\n`).join(""))
      }))
  }

  it.effect("the newest snapshot is found behind many others", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const positions = (audited: number) => ({ ...initialPositions(1), audited })
      const writer = yield* memory.log.claim(0)
      for (let count = 0; count < 50; count++) yield* writer.commit(snapshotEntries(positions(count), 0, `${count}`))
      const large = "x".repeat(5_000_000)
      yield* writer.commit(snapshotEntries({ ...positions(50), marks: { audit: large, flow: "" } }, 0, "50"))
      const found = yield* readPositions(0).pipe(Effect.provideService(Log, memory.log))
      assert.deepStrictEqual([found.audited, found.marks.audit.length], [50, large.length])
    }).pipe(Effect.scoped))
})

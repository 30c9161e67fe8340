import { assert, describe, it } from "@effect/vitest"
import { type Answer, DestinationId, type Rules } from "@tailrace/domain"
import { Secrets } from "@tailrace/event-store"
import { buildChunk } from "@tailrace/log"
import { Effect, Layer, Metric } from "effect"
import { check } from "../src/read/Checked.ts"
import { RuleBook } from "../src/ruling/RuleBook.ts"
import { ruled } from "../src/ruling/ruled.ts"
import {
  append,
  createDestination,
  createTailnet,
  execute,
  ledgerOf,
  makeLog,
  makeStore,
  pass,
  processLayer,
  record,
  s3,
  tailnet,
  text,
  upload,
  valuesOf
} from "./harness.ts"

const flow = (n: number, node = `n${n}`) => `{"logged":"2026-01-01T00:00:00Z","nodeId":"${node}","n":${n}}`
const lines = (values: ReadonlyArray<string>) => values.map((value) => `${value}\n`).join("")
const contents = (store: ReturnType<typeof makeStore>) => store.records().map(({ body }) => body).join("")

const masked: Rules = { redact: [{ field: "nodeId", how: "mask" }] }
const hashed: Rules = { except: [{ nodes: ["n2"] }], redact: [{ field: "nodeId", how: "hash" }] }
const onlyFirst: Rules = { only: [{ nodes: ["n1"] }] }

const unanswered = (key: string): Answer | null =>
  key.includes("canary")
    ? null
    : { _tag: "Transient", message: "no answer", status: null, retryAfterMillis: null, maybeStored: true }

const update = (rules: Rules | undefined) =>
  execute({
    _tag: "UpdateDestination",
    destination: DestinationId.make("dst_a"),
    config: s3,
    upload,
    secretVersion: "1",
    ...rules === undefined ? {} : { rules }
  })

describe("a destination's rules", () => {
  it.effect("decide what is in its objects, and in nobody else's", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const values = [1, 2, 3].map((n) => flow(n))
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", { config: { bucket: "a" }, rules: masked })
        yield* append(0, values)
        yield* pass(61)
        assert.strictEqual(contents(store), lines([1, 2, 3].map((n) => flow(n, "***"))))
        yield* createDestination("dst_b", { config: { bucket: "b" } })
        yield* append(0, values)
        yield* pass(61)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      const bodies = store.records().map(({ body }) => body)
      assert.strictEqual(bodies.length, 3)
      assert.strictEqual(bodies.filter((body) => body === lines(values)).length, 1)
    }))

  it.effect("a hash is keyed by the tailnet, and says nothing else", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", { rules: hashed })
        yield* append(0, [flow(1), flow(2), flow(3, "n1")])
        yield* pass(61)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      const hashes = [...contents(store).matchAll(/"nodeId":"([0-9a-f]{32})"/g)].map(([, hash]) => hash)
      assert.strictEqual(hashes.length, 2)
      assert.strictEqual(hashes[0], hashes[1])
      assert.notInclude(contents(store), "\"n1\"")
    }))

  it.effect("a window in which all are filtered makes no object and no event, and is not read again", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      const others = Array.from({ length: 20 }, (_, n) => flow(n, "n2"))
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", { rules: onlyFirst })
        yield* append(0, others)
        yield* pass(130)
        const seen = yield* Metric.snapshot
        const filtered = seen.find(({ id }) => id === "tailrace_delivery_filtered_records_total")
        assert.isTrue(filtered?.type === "Counter" && Number(filtered.state.count) >= 20)
      }).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
      assert.deepStrictEqual(store.records(), [])
      const tags = (yield* ledgerOf(memory, 0)).map(({ _tag }) => _tag)
      assert.notInclude(tags, "BatchSealed")
      assert.notInclude(tags, "BatchQuarantined")
      yield* Effect.gen(function*() {
        yield* update(undefined)
        yield* append(0, [flow(21, "n2")])
        yield* pass(61)
      }).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
      assert.strictEqual(contents(store), lines([flow(21, "n2")]))
    }))

  it.effect("a window ends when they change: what came before is under the old ones", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", { rules: masked })
        yield* append(0, [flow(1), flow(2)])
        yield* pass(2)
        yield* update(onlyFirst)
        yield* pass(2)
        yield* append(0, [flow(1), flow(2)])
        yield* pass(61)
      }).pipe(Effect.provide(processLayer(memory.log, store)), Effect.scoped)
      const bodies = store.records().map(({ body }) => body)
      assert.deepStrictEqual(bodies, [lines([flow(1, "***"), flow(2, "***")]), lines([flow(1)])])
      const seals = (yield* ledgerOf(memory, 0)).flatMap((event) => event._tag === "BatchSealed" ? [event.seal] : [])
      assert.deepStrictEqual(seals.map(({ rulesVersion }) => rulesVersion), [1, 2])
    }))

  it.effect("an open seal is made again under its own, whatever they are at the takeover", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const store = makeStore()
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", { rules: hashed })
        store.failWith(unanswered)
        yield* append(0, [flow(1), flow(2), "{\"logged\":\"\",\"nodeId\":1e400,\"n\":}", flow(3)])
        yield* pass(62)
        yield* update(onlyFirst)
        yield* append(0, [flow(1), flow(3)])
        yield* pass(2)
      }).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
      const [seal] = (yield* ledgerOf(memory, 0)).flatMap((event) => event._tag === "BatchSealed" ? [event.seal] : [])
      assert.deepStrictEqual([seal?.count, seal?.skipped.length, seal?.rulesVersion], [2, 1, 1])
      assert.deepStrictEqual(store.records(), [])
      store.failWith(() => null)
      yield* pass(180).pipe(Effect.provide(Layer.fresh(processLayer(memory.log, store))), Effect.scoped)
      const [first, second] = store.records()
      assert.strictEqual(first?.metadata["seal"], seal?.id)
      assert.match(first?.body ?? "", /^\{.*"nodeId":"[0-9a-f]{32}","n":1\}\n\{.*"nodeId":"[0-9a-f]{32}","n":3\}\n$/)
      assert.strictEqual(second?.body, lines([flow(1)]))
      assert.isFalse((yield* ledgerOf(memory, 0)).some(({ _tag }) => _tag === "Suspended"))
      const quarantined = valuesOf(memory, "quarantine", 0)
      assert.strictEqual(quarantined.length, 1)
    }))
})

describe("without rules", () => {
  const chunk = buildChunk({
    topic: "flow",
    lane: 0,
    from: 0,
    next: 2,
    records: [record(), record()].map((value, offset) => ({ key: tailnet, value: text(value), offset, time: 0 }))
  })

  it("nothing is compiled, parsed or copied: the run stays what it is", () => {
    const secrets = Secrets.of({
      put: () => Effect.die("put"),
      get: () => Effect.die("get"),
      shred: () => Effect.die("shred"),
      hashKey: () => assert.fail("a key was asked for")
    })
    const by = { id: "u", type: "USER", loginName: "", displayName: "" } as const
    const version = { version: 1, config: s3, upload, secretVersion: "1", by, at: 0 }
    const rules = new RuleBook(secrets).of({ tailnet }, version)
    assert.isNull(rules)
    const run = { checked: check(chunk, 1000), from: 0, end: 2 }
    assert.strictEqual(ruled(rules, run, () => assert.fail("a record was looked at")), run)
  })

  it("one call for each record with them", () => {
    let calls = 0
    const rules = { version: 1, rule: (value: Uint8Array) => (calls++, value) }
    const run = { checked: check(chunk, 1000), from: 0, end: 2 }
    assert.strictEqual(ruled(rules, run, (index) => index === 0).checked.replaced.size, 0)
    assert.strictEqual(calls, 1)
  })
})

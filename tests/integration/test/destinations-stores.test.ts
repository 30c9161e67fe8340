// What a destination of type gcs or azure needs of a server and gets of it, through the real client: the table that
// every S3 server passes (s3-conformance), as far as it is about objects.
import { assert, describe, layer } from "@effect/vitest"
import { ObjectStores, type ObjectToPut } from "@tailrace/destinations"
import { Answer, Inspection } from "@tailrace/domain"
import { Effect, Fiber, Layer } from "effect"
import { azurite } from "../src/azure/azurite.ts"
import { fakeGcs } from "../src/gcs/fakeGcs.ts"
import { type Fault, faultyProxy } from "../src/s3/FaultyProxy.ts"
import { localStores, StoreSite } from "../src/store/StoreSite.ts"
import { lacks, naming } from "../src/tool.ts"

const text = (value: string) => new TextEncoder().encode(value)

const object = (key: string, more: Partial<ObjectToPut> = {}): ObjectToPut => ({
  key,
  body: text(`{"key":"${key.length}"}\n`),
  contentType: "application/x-ndjson",
  metadata: { seal: `seal-of-${key.length}` },
  onlyIfAbsent: true,
  ...more
})

const delivered = Answer.cases.Delivered.make({})
const taken = Answer.cases.Taken.make({})
const missing = Inspection.cases.Missing.make({})
const found = (seal: string | null) => Inspection.cases.Found.make({ seal })

const open = Effect.fnUntraced(function*(more: { readonly url?: string; readonly container?: string } = {}) {
  const { config, secret } = yield* StoreSite
  return yield* (yield* ObjectStores).open(config(more), secret)
})

/** The same server behind a proxy that loses things. */
const openBehindProxy = Effect.gen(function*() {
  const { port, url } = yield* StoreSite
  const proxy = yield* faultyProxy(port)
  const store = yield* open({ url: url.replace(`127.0.0.1:${port}`, `127.0.0.1:${proxy.port}`) })
  return { proxy, store }
})

const meaning = (answer: Answer) =>
  answer._tag === "Transient" ? (answer.maybeStored ? "maybe stored" : "not stored") : answer._tag

const weirdKeys = [
  "2026/11/22/00:00:00.json",
  "a b/c  d.json",
  "plus+and&and=and?and#.json",
  "percent%41%2F%.json",
  "quotes'\"`.json",
  "ünï/日本語/🚀.json",
  "brackets[]{}()<>|^~!*;,@$.json",
  `long/${"x".repeat(200)}/${"y".repeat(200)}.json`,
  "trailing-dot./a..b/.hidden"
]

const big = new Uint8Array(20 * 1024 * 1024).map((_, i) => (i * 2_654_435_761) >>> 24)

describe.each([fakeGcs, azurite])("$name", (kind) => {
  describe.skipIf(lacks(...kind.needs))(naming("as a destination", ...kind.needs), () => {
    const site = Layer.merge(StoreSite.layer(kind), localStores)
    layer(site, { timeout: "10 minutes", excludeTestServices: true })((it) => {
      it.effect("what is put can be read by everybody, with its metadata, and nothing says that it is encoded", () =>
        Effect.gen(function*() {
          const { objects } = yield* StoreSite
          const store = yield* open()
          const metadata = { seal: "s_01", first: "0", last: "41", "config-version": "3", by: "amélie@example.com" }
          const answer = yield* store.put(object("plain/one.json.zst", { contentType: "application/zstd", metadata }))
          assert.deepStrictEqual(answer, delivered)
          assert.deepStrictEqual(yield* objects.get("plain/one.json.zst"), object("plain/one.json.zst").body)
          const head = yield* objects.head("plain/one.json.zst")
          assert.strictEqual(head.contentType, "application/zstd")
          assert.isNull(head.contentEncoding)
          const shown = Object.entries({ ...metadata, by: "am%C3%A9lie@example.com" })
          assert.deepInclude(
            head.metadata,
            Object.fromEntries(shown.map(([name, value]) => [kind.metadataName(name), value]))
          )
          assert.deepStrictEqual(yield* store.inspect("plain/one.json.zst"), found("s_01"))
        }))

      it.effect("inspect tells a missing object from one of somebody else", () =>
        Effect.gen(function*() {
          const store = yield* open()
          assert.deepStrictEqual(yield* store.inspect("no/such/object"), missing)
          yield* store.put(object("foreign", { metadata: {} }))
          assert.deepStrictEqual(yield* store.inspect("foreign"), found(null))
        }))

      it.effect("a probe finds the condition obeyed and the metadata shown", () =>
        Effect.gen(function*() {
          const store = yield* open()
          const canary = object(".tailrace-canary-d1", { metadata: { seal: "canary" } })
          assert.deepStrictEqual(yield* store.put(canary), delivered)
          assert.deepStrictEqual(yield* store.put(canary), taken)
          assert.deepStrictEqual(yield* store.inspect(canary.key), found("canary"))
        }))

      it.effect("a taken key stays as it is", () =>
        Effect.gen(function*() {
          const { objects } = yield* StoreSite
          const store = yield* open()
          yield* store.put(object("taken", { metadata: { seal: "first" } }))
          assert.deepStrictEqual(yield* store.put(object("taken", { body: big, metadata: { seal: "second" } })), taken)
          assert.deepStrictEqual(yield* store.inspect("taken"), found("first"))
          assert.deepStrictEqual(yield* objects.get("taken"), object("taken").body)
        }))

      it.effect("an unconditional put replaces", () =>
        Effect.gen(function*() {
          const store = yield* open()
          for (const seal of ["first", "second"]) {
            const answer = yield* store.put(object("replaced", { onlyIfAbsent: false, metadata: { seal } }))
            assert.deepStrictEqual(answer, delivered)
          }
          assert.deepStrictEqual(yield* store.inspect("replaced"), found("second"))
        }))

      it.effect("of twenty racing puts exactly one is stored", () =>
        Effect.gen(function*() {
          const store = yield* open()
          for (const round of [1, 2, 3]) {
            const answers = yield* Effect.forEach(
              Array.from({ length: 20 }, (_, i) => `seal-${i}`),
              (seal) =>
                Effect.map(store.put(object(`race/${round}`, { metadata: { seal } })), ({ _tag }) => ({ seal, _tag })),
              { concurrency: "unbounded" }
            )
            const winners = answers.filter(({ _tag }) => _tag === "Delivered").map(({ seal }) => seal)
            assert.strictEqual(winners.length, 1)
            assert.strictEqual(answers.filter(({ _tag }) => _tag === "Taken").length, 19)
            assert.deepStrictEqual(yield* store.inspect(`race/${round}`), found(winners[0] ?? ""))
          }
        }))

      it.effect.each(weirdKeys)("key %s", (key) =>
        Effect.gen(function*() {
          const { objects } = yield* StoreSite
          const store = yield* open()
          assert.deepStrictEqual(yield* store.put(object(`weird/${key}`)), delivered)
          assert.deepStrictEqual(yield* store.put(object(`weird/${key}`)), taken)
          const { metadata } = object(`weird/${key}`)
          assert.deepStrictEqual(yield* store.inspect(`weird/${key}`), found(metadata["seal"] ?? ""))
          assert.include(yield* objects.keys("weird/"), `weird/${key}`)
          assert.deepStrictEqual(yield* objects.get(`weird/${key}`), object(`weird/${key}`).body)
        }))

      it.effect("objects of no bytes, of bytes that look like a boundary, and of 64 MiB", () =>
        Effect.gen(function*() {
          const { objects } = yield* StoreSite
          const store = yield* open()
          const bodies = {
            "size/empty": text(""),
            "size/lines": text("\r\n--tailrace-\r\n--tailrace---\r\n\r\n"),
            "size/most": new Uint8Array(64 * 1024 * 1024).fill(7)
          }
          for (const [key, body] of Object.entries(bodies)) {
            assert.deepStrictEqual(yield* store.put(object(key, { body })), delivered)
            assert.strictEqual(Buffer.compare(yield* objects.get(key), body), 0)
          }
        }))

      it.effect("a wrong bucket or container is the owner's to mend", () =>
        Effect.gen(function*() {
          const store = yield* open({ container: "no-such-place" })
          const answer = yield* store.put(object("never/there"))
          assert.deepInclude(answer, { _tag: "Misconfigured", status: 404 })
          assert.include(JSON.stringify(answer), kind.missingContainer)
          assert.strictEqual((yield* store.put(object("never/big", { body: big })))._tag, "Misconfigured")
        }))

      it.effect.each([60_000, 300_000, 1_000_000, 3_000_000])(
        "a refusal of %d bytes is always seen, however early",
        (size) =>
          Effect.gen(function*() {
            const right = yield* open()
            const wrong = yield* open({ container: "no-such-place" })
            const body = new Uint8Array(size)
            yield* right.put(object(`refusal/${size}`))
            const answers = yield* Effect.forEach(
              Array.from({ length: 20 }, (_, i) => i),
              (i) => (i % 2 === 0 ? right : wrong).put(object(`refusal/${size}`, { body }))
            )
            const expected = answers.map((_, i) => i % 2 === 0 ? "Taken" : "Misconfigured")
            assert.deepStrictEqual(answers.map(({ _tag }) => _tag), expected)
          })
      )

      it.effect.each<{ readonly fault: Fault; readonly meaning: string; readonly stored: boolean }>([
        { fault: { _tag: "CutRequest", afterBytes: 1 }, meaning: "not stored", stored: false },
        { fault: { _tag: "CutRequest", afterBytes: 5_000_000 }, meaning: "not stored", stored: false },
        { fault: { _tag: "CutAnswer" }, meaning: "maybe stored", stored: true }
      ])("a connection that is cut: $fault", ({ fault, ...expected }) =>
        Effect.gen(function*() {
          const { proxy, store } = yield* openBehindProxy
          const key = `cut/${JSON.stringify(fault)}`
          const put = store.put(object(key, { body: big, metadata: { seal: "mine" } }))
          proxy.faults = () => fault
          assert.strictEqual(meaning(yield* put), expected.meaning)
          proxy.faults = () => ({ _tag: "CutAnswer" })
          assert.strictEqual((yield* store.inspect(key))._tag, "Failed")
          proxy.faults = () => ({ _tag: "None" })
          assert.deepStrictEqual(yield* store.inspect(key), expected.stored ? found("mine") : missing)
          assert.deepStrictEqual(yield* put, expected.stored ? taken : delivered)
        }))

      it.effect("a slow answer is waited for; interruption closes the connection", () =>
        Effect.gen(function*() {
          const { proxy, store } = yield* openBehindProxy
          proxy.faults = () => ({ _tag: "HoldAnswer", by: "1 second" })
          assert.deepStrictEqual(yield* store.put(object("slow/one")), delivered)
          proxy.faults = () => ({ _tag: "HoldAnswer", by: "1 hour" })
          const fiber = yield* Effect.forkChild(store.put(object("slow/two")))
          yield* Effect.sleep("300 millis")
          const before = proxy.open()
          yield* Fiber.interrupt(fiber)
          yield* Effect.sleep("100 millis")
          assert.strictEqual(proxy.open(), before - 1)
        }))

      it.effect("what makes two configurations the same target", () =>
        Effect.gen(function*() {
          const { target } = yield* ObjectStores
          const { config, url } = yield* StoreSite
          const same = target(config())
          assert.strictEqual(target({ ...config({ url: `${url}/` }), keyPrefix: "p" }), same)
          assert.notStrictEqual(target(config({ container: "another" })), same)
          assert.notInclude(same, "token")
        }))
    })
  })
})

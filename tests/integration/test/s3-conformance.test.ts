// What a destination of type s3 needs of a server and gets of it, through the real client: the same for each server.
import { assert, describe, layer } from "@effect/vitest"
import { ObjectStores, type ObjectToPut } from "@tailrace/destinations"
import { Answer, Inspection, type S3Config } from "@tailrace/domain"
import { Effect, Fiber, Layer, Redacted } from "effect"
import { type Fault, faultyProxy } from "../src/s3/FaultyProxy.ts"
import { kinds, secretAccessKey } from "../src/s3/S3ServerKind.ts"
import { bucketName, configFor, localStores, S3Site } from "../src/s3/S3Site.ts"
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

const open = Effect.fnUntraced(function*(more: Partial<S3Config> = {}, secret = secretAccessKey) {
  const { url } = yield* S3Site
  return yield* (yield* ObjectStores).open(configFor(url, more), secret)
})

/** The same server behind a proxy that loses things. */
const openBehindProxy = Effect.gen(function*() {
  const { port } = yield* S3Site
  const proxy = yield* faultyProxy(port)
  const store = yield* (yield* ObjectStores).open(configFor(proxy.url), secretAccessKey)
  return { proxy, store }
})

const expectMisconfigured = (answer: Answer, status: number, code: string) => {
  assert.strictEqual(answer._tag, "Misconfigured")
  if (answer._tag !== "Misconfigured") return
  assert.strictEqual(answer.status, status)
  assert.include(answer.message, code)
  assert.notInclude(answer.message, Redacted.value(secretAccessKey))
}

const meaning = (answer: Answer) =>
  answer._tag === "Transient" ? (answer.maybeStored ? "maybe stored" : "not stored") : answer._tag

const weirdKeys = [
  "2026/11/22/00:00:00.json",
  "a b/c  d.json",
  "plus+and&and=and?and#.json",
  "percent%41%2F%.json",
  "quotes'\"`.json",
  "ünï/日本語/🚀.json",
  "brackets[]{}()<>|\\^~!*;,@$.json",
  `long/${"x".repeat(200)}/${"y".repeat(200)}.json`,
  "trailing-dot./a..b/.hidden"
]

const big = new Uint8Array(20 * 1024 * 1024).map((_, i) => (i * 2_654_435_761) >>> 24)

describe.each(kinds)("$name", (kind) => {
  describe.skipIf(lacks(...kind.needs))(naming("as a destination", ...kind.needs), () => {
    const site = Layer.merge(S3Site.layer(kind), localStores)
    layer(site, { timeout: "10 minutes", excludeTestServices: true })((it) => {
      it.effect("what is put can be read by everybody, with its metadata", () =>
        Effect.gen(function*() {
          const { bucket } = yield* S3Site
          const store = yield* open()
          const metadata = { seal: "s_01", first: "0", last: "41", "config-version": "3", by: "amélie@example.com" }
          const answer = yield* store.put(object("plain/one.json.zst", { contentType: "application/zstd", metadata }))
          assert.deepStrictEqual(answer, delivered)
          assert.deepStrictEqual(yield* bucket.get("plain/one.json.zst"), object("plain/one.json.zst").body)
          const head = yield* bucket.head("plain/one.json.zst")
          assert.strictEqual(head.contentType, "application/zstd")
          assert.deepInclude(head.metadata, { ...metadata, by: "am%C3%A9lie@example.com" })
          assert.deepStrictEqual(yield* store.inspect("plain/one.json.zst"), found("s_01"))
        }))

      it.effect("inspect tells a missing object from one of somebody else", () =>
        Effect.gen(function*() {
          const store = yield* open()
          assert.deepStrictEqual(yield* store.inspect("no/such/object"), missing)
          yield* store.put(object("foreign", { metadata: {} }))
          assert.deepStrictEqual(yield* store.inspect("foreign"), found(null))
        }))

      it.effect("a taken key stays as it is", () =>
        Effect.gen(function*() {
          const store = yield* open()
          yield* store.put(object("taken", { metadata: { seal: "first" } }))
          assert.deepStrictEqual(yield* store.put(object("taken", { body: big, metadata: { seal: "second" } })), taken)
          assert.deepStrictEqual(yield* store.inspect("taken"), found("first"))
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

      it.effect(`of twenty racing puts ${kind.atomic ? "exactly one" : "one of the winners"} is stored`, () =>
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
            const losers = answers.filter(({ _tag }) => _tag === "Taken")
            assert.strictEqual(winners.length + losers.length, 20)
            assert.isAtLeast(winners.length, 1)
            if (kind.atomic) assert.strictEqual(winners.length, 1)
            const inspection = yield* store.inspect(`race/${round}`)
            assert.include(winners.map((seal) => JSON.stringify(found(seal))), JSON.stringify(inspection))
          }
        }))

      it.effect.each(weirdKeys)("key %s", (key) =>
        Effect.gen(function*() {
          const { bucket } = yield* S3Site
          const store = yield* open()
          assert.deepStrictEqual(yield* store.put(object(`weird/${key}`)), delivered)
          assert.deepStrictEqual(yield* store.put(object(`weird/${key}`)), taken)
          assert.deepStrictEqual(
            yield* store.inspect(`weird/${key}`),
            found(object(`weird/${key}`).metadata["seal"] ?? "")
          )
          assert.include(yield* bucket.keys("weird/"), `weird/${key}`)
          assert.deepStrictEqual(yield* bucket.get(`weird/${key}`), object(`weird/${key}`).body)
        }))

      it.effect("objects of no bytes and of 20 MiB", () =>
        Effect.gen(function*() {
          const { bucket } = yield* S3Site
          const store = yield* open()
          assert.deepStrictEqual(yield* store.put(object("size/empty", { body: text("") })), delivered)
          assert.strictEqual((yield* bucket.get("size/empty")).byteLength, 0)
          assert.deepStrictEqual(yield* store.put(object("size/big", { body: big })), delivered)
          assert.deepStrictEqual(Buffer.compare(yield* bucket.get("size/big"), big), 0)
        }))

      it.effect("path style and virtual-host style reach the same bucket", () =>
        Effect.gen(function*() {
          const { port } = yield* S3Site
          const virtual = yield* open({ url: `http://localhost:${port}`, addressing: "virtual" })
          assert.deepStrictEqual(yield* virtual.put(object("style/a b:+", { metadata: { seal: "v" } })), delivered)
          assert.deepStrictEqual(yield* virtual.inspect("style/a b:+"), found("v"))
          const path = yield* open({ addressing: "path" })
          assert.deepStrictEqual(yield* path.inspect("style/a b:+"), found("v"))
        }))

      it.effect("a wrong secret, key or bucket is the owner's to mend", () =>
        Effect.gen(function*() {
          const wrong = yield* open({}, Redacted.make("wrong"))
          expectMisconfigured(yield* wrong.put(object("never/secret")), 403, "SignatureDoesNotMatch")
          expectMisconfigured(yield* wrong.put(object("never/big", { body: big })), 403, "SignatureDoesNotMatch")
          assert.strictEqual((yield* wrong.inspect("never/secret"))._tag, "Forbidden")
          const unknown = yield* open({ accessKeyId: "AKIANOBODY" })
          const nobody = yield* unknown.put(object("never/key"))
          // versitygw answers 404 to a key that it does not know.
          assert.include([403, 404], nobody._tag === "Misconfigured" ? nobody.status : null)
          const bucketless = yield* open({ bucket: "no-such-bucket" })
          expectMisconfigured(yield* bucketless.put(object("never/bucket")), 404, "NoSuchBucket")
          const { bucket } = yield* S3Site
          assert.deepStrictEqual(yield* bucket.keys("never/"), [])
        }))

      it.effect.each([60_000, 300_000, 1_000_000, 3_000_000])(
        "a refusal of %d bytes is always seen, however early",
        (size) =>
          Effect.gen(function*() {
            const right = yield* open()
            const wrong = yield* open({}, Redacted.make("wrong"))
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

      it.effect("lists in pages, in order, by folder; reads ranges; deletes", () =>
        Effect.gen(function*() {
          const { bucket } = yield* S3Site
          const store = yield* open()
          const keys = ["list/a", "list/b-1", "list/b/1", "list/b/2", "list/c"]
          yield* Effect.forEach(keys, (key) => store.put(object(key, { body: text("0123456789") })))
          assert.deepStrictEqual(yield* bucket.keys("list/", 2), keys)
          assert.deepStrictEqual(yield* bucket.folders("list/"), ["list/b/"])
          assert.deepStrictEqual(yield* bucket.get("list/a", "bytes=2-4"), text("234"))
          assert.deepStrictEqual(yield* bucket.get("list/a", "bytes=-2"), text("89"))
          yield* bucket.delete("list/b/1")
          assert.deepStrictEqual(yield* bucket.keys("list/b/"), ["list/b/2"])
          assert.deepStrictEqual(yield* store.inspect("list/b/1"), missing)
        }))

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

      it.effect("a server that is stopped refuses; started again, it has what it had", () =>
        Effect.gen(function*() {
          const { start, stop } = yield* S3Site
          const store = yield* open()
          yield* store.put(object("restart/before"))
          yield* stop
          // The first one may have met the connection that was kept from before.
          assert.strictEqual((yield* store.put(object("restart/during")))._tag, "Transient")
          assert.strictEqual(meaning(yield* store.put(object("restart/during"))), "not stored")
          assert.strictEqual((yield* store.inspect("restart/before"))._tag, "Failed")
          yield* start
          assert.deepStrictEqual(yield* store.put(object("restart/before")), taken)
          assert.deepStrictEqual(yield* store.put(object("restart/during")), delivered)
        }))

      it.effect("what makes two configurations the same target", () =>
        Effect.gen(function*() {
          const { target } = yield* ObjectStores
          const { url } = yield* S3Site
          const same = target(configFor(url))
          assert.strictEqual(target(configFor(`${url}/`, { keyPrefix: "p", region: "x", accessKeyId: "k" })), same)
          assert.notStrictEqual(target(configFor(url, { bucket: `${bucketName}2` })), same)
        }))
    })
  })
})

// Records through the generic receiver into an endpoint that obeys docs/http-destination.md: formats, schemes, faults.
import { assert, describe, it } from "@effect/vitest"
import { HttpConfig } from "@tailrace/domain"
import { Effect } from "effect"
import { flowRecord, flowRecords, idsOf, nodeIds, range } from "../../src/destinations/flowRecords.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"
import { sendAll } from "../../src/destinations/sendAll.ts"
import { type EndpointOptions, startEndpoint } from "../../src/emulators/http/Endpoint.ts"

const secret = "a-secret-of-theirs"
type Form = Partial<Omit<HttpConfig, "_tag" | "url">>

const setUp = Effect.fnUntraced(function*(options: EndpointOptions, form: Form, given = secret) {
  const endpoint = yield* startEndpoint(options)
  const config = HttpConfig.make({ url: endpoint.url, format: "ndjson", scheme: "none", headers: {}, ...form })
  const receiver = yield* openReceiver(config, given)
  return { endpoint, receiver }
})

const basic = `Basic ${btoa(`tailrace:${secret}`)}`

describe("records", () => {
  it.live.each(
    [
      [{}, { scheme: "none", format: "ndjson" }, "none"],
      [{}, { scheme: "none", format: "json" }, "gzip"],
      [{ authorization: `Bearer ${secret}` }, { scheme: "bearer", format: "ndjson" }, "zstd"],
      [{ authorization: basic }, { scheme: "basic", user: "tailrace", format: "json" }, "none"],
      [{ hmac: secret }, { scheme: "hmac", format: "ndjson" }, "none"],
      [{ hmac: secret }, { scheme: "hmac", format: "json" }, "gzip"],
      [{ hmac: secret }, { scheme: "hmac", format: "ndjson" }, "zstd"]
    ] as const
  )("each once: %j %j %s", ([options, form, codec]) =>
    Effect.gen(function*() {
      const { endpoint, receiver } = yield* setUp(options, form)
      const { refused, suspended } = yield* sendAll(receiver, flowRecords(6_000), { codec })
      assert.deepStrictEqual([[...refused], suspended], [[], undefined])
      assert.deepStrictEqual(nodeIds(endpoint.records), idsOf(range(0, 6_000)))
      assert.isAbove(endpoint.requests.length, 1)
    }).pipe(Effect.provide(localReceivers)))

  it.live("as they are, with the owner's headers and query", () =>
    Effect.gen(function*() {
      const { endpoint, receiver } = yield* setUp({}, { headers: { "X-Scope-OrgID": "a" } })
      const text = flowRecord(0)
      yield* sendAll(receiver, [text])
      const [asked] = endpoint.requests
      assert.strictEqual(asked?.body.toString(), `${text}\n`)
      assert.deepStrictEqual([asked?.headers["x-scope-orgid"], asked?.query.get("tenant")], ["a", "a"])
      assert.match(asked?.headers["user-agent"] ?? "", /^Tailrace\//)
    }).pipe(Effect.provide(localReceivers)))

  it.live("smaller requests where the endpoint takes no large ones", () =>
    Effect.gen(function*() {
      const { endpoint, receiver } = yield* setUp({ contentBytes: 20_000 }, {})
      const { refused } = yield* sendAll(receiver, [
        ...flowRecords(200),
        flowRecord(200, { more: `"p":"${"x".repeat(30_000)}"` })
      ])
      assert.deepStrictEqual([...refused], [[200, "413 too much"]])
      assert.deepStrictEqual(nodeIds(endpoint.records), idsOf(range(0, 200)))
    }).pipe(Effect.provide(localReceivers)))

  it.live("one that the endpoint does not like is refused alone", () =>
    Effect.gen(function*() {
      const { endpoint, receiver } = yield* setUp({ poison: "bad" }, { format: "json" })
      const texts = range(0, 64).map((index) => flowRecord(index, { more: index === 17 ? `"bad":1` : "" }))
      const { refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([...refused], [[17, "422 not this one"]])
      assert.strictEqual(endpoint.records.length, 63)
    }).pipe(Effect.provide(localReceivers)))
})

describe("failures", () => {
  it.live("pass, and everything arrives", () =>
    Effect.gen(function*() {
      const { endpoint, receiver } = yield* setUp({}, {})
      endpoint.faults.push({ status: 429 }, { status: 500 }, { status: 502 }, { status: 503 }, { status: 504 }, "cut")
      const { answers } = yield* sendAll(receiver, flowRecords(10))
      assert.deepStrictEqual(answers.map(({ _tag }) => _tag), [
        ...Array.from({ length: 6 }, () => "Transient"),
        "Accepted"
      ])
      assert.deepStrictEqual(nodeIds(endpoint.records), idsOf(range(0, 10)))
    }).pipe(Effect.provide(localReceivers)))

  it.live.each(
    [
      [{ authorization: `Bearer ${secret}` }, { scheme: "bearer" }, /^401 who are you/],
      [{ hmac: secret }, { scheme: "hmac" }, /^403 not signed/]
    ] as const
  )("a wrong secret: %j", ([options, form, words]) =>
    Effect.gen(function*() {
      const { receiver } = yield* setUp(options, form, "wr0ng")
      const answered = yield* sendAll(receiver, flowRecords(2))
      assert.match(answered.suspended ?? "", words)
      assert.notInclude(JSON.stringify(answered), "wr0ng")
    }).pipe(Effect.provide(localReceivers)))

  it.live("headers that cannot be are refused when it is opened", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(setUp({}, { headers: { Host: "elsewhere" } }))
      assert.deepInclude(error, { field: "headers", reason: "Host: is set by Tailrace or the connection" })
    }).pipe(Effect.provide(localReceivers)))
})

it.live.each(["ndjson", "json"] as const)(
  "%s: a look leaves nothing, a sample is marked as a test",
  (format) =>
    Effect.gen(function*() {
      const { endpoint, receiver } = yield* setUp({ hmac: secret }, { scheme: "hmac", format })
      assert.strictEqual((yield* receiver.probe("look"))._tag, "Usable")
      assert.strictEqual(endpoint.records.length, 0)
      assert.strictEqual((yield* receiver.probe("sample"))._tag, "Usable")
      assert.deepInclude(endpoint.records[0], { type: "TAILRACE_TEST" })
    }).pipe(Effect.provide(localReceivers))
)

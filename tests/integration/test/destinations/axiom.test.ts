// Records through the Axiom receiver into an emulator of its ingest endpoint: failures that are told or not, limits.
import { assert, describe, it } from "@effect/vitest"
import { AxiomConfig } from "@tailrace/domain"
import { Effect } from "effect"
import { flowRecord, flowRecords, idsOf, nodeIds, range } from "../../src/destinations/flowRecords.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"
import { sendAll } from "../../src/destinations/sendAll.ts"
import { type AxiomOptions, limited, startAxiom } from "../../src/emulators/axiom/Axiom.ts"

const token = "xaat-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"

const setUp = Effect.fnUntraced(function*(options: Partial<AxiomOptions> = {}) {
  const axiom = yield* startAxiom({ token, dataset: "tailnet", tellsTimes: true, ...options })
  const receiver = yield* openReceiver(AxiomConfig.make({ url: axiom.url }), token)
  return { axiom, receiver }
})

/** Some of many have a field name that is too long. */
const poison = new Set([3, 77, 78, 499])
const poisoned = range(0, 500).map((index) =>
  flowRecord(index, { more: poison.has(index) ? `"${"x".repeat(201)}":1` : "" })
)
const healthy = idsOf(range(0, 500).filter((index) => !poison.has(index)))

describe("records", () => {
  it.live.each(["none", "gzip"] as const)("each once, with compression %s", (codec) =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp()
      const { refused, suspended } = yield* sendAll(receiver, flowRecords(11_000), { codec })
      assert.deepStrictEqual([[...refused], suspended], [[], undefined])
      assert.deepStrictEqual(nodeIds(axiom.events), idsOf(range(0, 11_000)))
      assert.isAtMost(Math.max(...axiom.requests), 10_000)
    }).pipe(Effect.provide(localReceivers)))

  it.live("have a time of their own", () =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp()
      const text = flowRecord(0)
      yield* sendAll(receiver, [text])
      assert.strictEqual(axiom.events[0]?.["_time"], `${String(JSON.parse(text).logged).slice(0, 23)}Z`)
    }).pipe(Effect.provide(localReceivers)))
})

describe("failures of single events", () => {
  it.live.each(["none", "gzip"] as const)(
    "told by their times: they alone are refused, nothing is sent twice (%s)",
    (codec) =>
      Effect.gen(function*() {
        const { axiom, receiver } = yield* setUp()
        const { answers, refused } = yield* sendAll(receiver, poisoned, { codec })
        assert.deepStrictEqual([answers.length, [...refused.keys()]], [1, [...poison]])
        assert.strictEqual(refused.get(3), "field name is longer than 200 bytes")
        assert.deepStrictEqual(nodeIds(axiom.events), healthy)
      }).pipe(Effect.provide(localReceivers))
  )

  it.live("not told: found by halving, and no event is missing", () =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp({ tellsTimes: false })
      const { answers, refused } = yield* sendAll(receiver, poisoned)
      assert.deepStrictEqual([...refused.keys()], [...poison])
      assert.deepStrictEqual([...new Set(nodeIds(axiom.events))], healthy)
      assert.isBelow(answers.length, 60)
    }).pipe(Effect.provide(localReceivers)))

  it.live("a field over 1 MB", () =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp()
      const large = flowRecord(1, { more: `"pad":"${"x".repeat(1_000_001)}"` })
      const { refused } = yield* sendAll(receiver, [flowRecord(0), large, flowRecord(2)])
      assert.deepStrictEqual([...refused], [[1, "field pad is larger than 1 MB"]])
      assert.deepStrictEqual(nodeIds(axiom.events), idsOf([0, 2]))
    }).pipe(Effect.provide(localReceivers)))

  it.live("more fields than the dataset may have", () =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp({ fields: 8 })
      const texts = [flowRecord(0), flowRecord(1, { more: `"a":1` }), flowRecord(2, { more: `"a":1,"b":{},"c":3` })]
      const { refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([...refused], [[2, "field limit of the dataset is reached"]])
      assert.strictEqual(axiom.events.length, 2)
    }).pipe(Effect.provide(localReceivers)))

  it.live("what is no JSON is found by halving", () =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp()
      const texts = flowRecords(100).map((text, index) =>
        index === 42 ? text.replace("\"proto\":6", "\"proto\":six") : text
      )
      const { refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([...refused], [[42, "400 {\"message\":\"invalid JSON\"}"]])
      assert.deepStrictEqual(nodeIds(axiom.events), idsOf(range(0, 100).filter((index) => index !== 42)))
    }).pipe(Effect.provide(localReceivers)))
})

describe("failures of the whole", () => {
  it.live("pass, and everything arrives; a limit says when it ends", () =>
    Effect.gen(function*() {
      const { axiom, receiver } = yield* setUp()
      axiom.faults.push(limited(30), { status: 500 }, { status: 200, body: "" }, "cut")
      const { answers } = yield* sendAll(receiver, flowRecords(50))
      assert.deepStrictEqual(answers.map(({ _tag }) => _tag), [
        ...Array.from({ length: 4 }, () => "Transient"),
        "Accepted"
      ])
      const [first] = answers
      assert.closeTo(first?._tag === "Transient" ? first.retryAfterMillis ?? 0 : 0, 30_000, 2_000)
      assert.deepStrictEqual(nodeIds(axiom.events), idsOf(range(0, 50)))
    }).pipe(Effect.provide(localReceivers)))

  it.live("a wrong token, and a dataset that is not there", () =>
    Effect.gen(function*() {
      const { axiom } = yield* setUp()
      const wrong = yield* openReceiver(AxiomConfig.make({ url: axiom.url }), "xaat-wr0ng")
      const answered = yield* sendAll(wrong, flowRecords(1))
      assert.match(answered.suspended ?? "", /^403 /)
      assert.notInclude(JSON.stringify(answered), "wr0ng")
      const elsewhere = yield* openReceiver(AxiomConfig.make({ url: `${axiom.url}x` }), token)
      assert.match((yield* sendAll(elsewhere, flowRecords(1))).suspended ?? "", /^404 .*dataset not found/)
    }).pipe(Effect.provide(localReceivers)))
})

it.live("a look leaves nothing, a sample is marked as a test", () =>
  Effect.gen(function*() {
    const { axiom, receiver } = yield* setUp()
    assert.strictEqual((yield* receiver.probe("look"))._tag, "Usable")
    assert.strictEqual(axiom.events.length, 0)
    assert.strictEqual((yield* receiver.probe("sample"))._tag, "Usable")
    assert.match(String(axiom.events[0]?.["message"]), /test event/)
    const wrong = yield* openReceiver(AxiomConfig.make({ url: axiom.url }), "wrong")
    assert.deepInclude(yield* wrong.probe("look"), { _tag: "Misconfigured", status: 403 })
  }).pipe(Effect.provide(localReceivers)))

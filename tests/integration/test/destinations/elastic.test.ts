// Records through the Elastic receiver into an emulator of `_bulk`: per-item results, ids, credentials, limits.
import { assert, describe, it } from "@effect/vitest"
import { ElasticConfig } from "@tailrace/domain"
import { Effect } from "effect"
import { flowRecord, flowRecords, idsOf, nodeIds, range } from "../../src/destinations/flowRecords.ts"
import { destination, localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"
import { sendAll } from "../../src/destinations/sendAll.ts"
import { type ElasticOptions, startElastic } from "../../src/emulators/elastic/Elastic.ts"

const secret = "aWQ6a2V5LW9mLWFuLWFwaQ=="
const credential = `ApiKey ${secret}`

const setUp = Effect.fnUntraced(function*(options: Partial<ElasticOptions> = {}) {
  const elastic = yield* startElastic({ stream: "logs-tailscale-default", credential, ...options })
  const receiver = yield* openReceiver(ElasticConfig.make({ url: elastic.url, scheme: "auto" }), secret)
  return { elastic, receiver }
})

describe("records", () => {
  it.live.each(["none", "gzip"] as const)("each once, with compression %s", (codec) =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      const { refused, suspended } = yield* sendAll(receiver, flowRecords(2_500), { codec })
      assert.deepStrictEqual([[...refused], suspended], [[], undefined])
      assert.deepStrictEqual(nodeIds(elastic.documents.values()), idsOf(range(0, 2_500)))
      assert.deepStrictEqual(elastic.requests.map(({ length }) => length), [1_000, 1_000, 500])
    }).pipe(Effect.provide(localReceivers)))

  it.live("have ids of destination, lane, offset and time, and a time of their own", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      const text = flowRecord(5)
      const { logged } = JSON.parse(text)
      yield* sendAll(receiver, [text])
      const [[id, document] = []] = elastic.documents
      assert.strictEqual(id, `${destination}-3-0-${logged}`)
      assert.strictEqual(document?.["@timestamp"], `${String(logged).slice(0, 23)}Z`)
    }).pipe(Effect.provide(localReceivers)))

  it.live("that are sent again are not stored again", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      yield* sendAll(receiver, flowRecords(20))
      const texts = [...elastic.documents.values()].map(({ "@timestamp": _, ...record }) => JSON.stringify(record))
      const again = yield* sendAll(receiver, [...texts, flowRecord(20)])
      assert.deepStrictEqual(again.answers.map(({ _tag }) => _tag), ["Accepted"])
      assert.deepStrictEqual(nodeIds(elastic.documents.values()), idsOf(range(0, 21)))
      assert.deepStrictEqual(elastic.requests[1]?.map(({ status }) => status), [...texts.map(() => 409), 201])
    }).pipe(Effect.provide(localReceivers)))

  it.live("whose answer was lost are not stored again", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      const texts = flowRecords(20)
      yield* sendAll(receiver, texts)
      elastic.faults.push("cut")
      yield* sendAll(receiver, texts)
      assert.strictEqual(elastic.documents.size, 20)
    }).pipe(Effect.provide(localReceivers)))
})

describe("results of single operations", () => {
  it.live("poison is refused alone, busy and away ones are sent again, alone", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      elastic.busy = 3
      elastic.away = 2
      const poison = new Set([20, 40])
      const texts = range(0, 60).map((index) =>
        flowRecord(index, { more: `"srcNode":${poison.has(index) ? 7 : "{}"}` })
      )
      const { answers, refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([...refused.keys()], [...poison])
      assert.match(refused.get(20) ?? "", /^400 document_parsing_exception: .*srcNode/)
      assert.deepStrictEqual(nodeIds(elastic.documents.values()), idsOf(range(0, 60).filter((at) => !poison.has(at))))
      assert.deepStrictEqual(elastic.requests.map(({ length }) => length), [60, 5])
      assert.deepInclude(answers[0], {
        _tag: "Partly",
        again: [0, 1, 2, 3, 4],
        failure: {
          message: "429 es_rejected_execution_exception: rejected execution",
          status: 429,
          retryAfterMillis: null,
          maybeStored: false
        }
      })
    }).pipe(Effect.provide(localReceivers)))

  it.live("what is no JSON is refused alone", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      const texts = flowRecords(10).map((text, index) =>
        index === 4 ? text.replace("\"proto\":6", "\"proto\":six") : text
      )
      const { answers, refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([answers.length, [...refused.keys()], elastic.documents.size], [1, [4], 9])
    }).pipe(Effect.provide(localReceivers)))

  it.live("a thousand refusals with long reasons are read", () =>
    Effect.gen(function*() {
      const { receiver } = yield* setUp()
      const name = "x".repeat(1_500)
      const texts = range(0, 1_000).map((index) => flowRecord(index, { more: `"${name}":${index === 0 ? "{}" : 7}` }))
      const { answers, refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([answers.length, refused.size], [1, 999])
    }).pipe(Effect.provide(localReceivers)))

  it.live.each(
    [
      [{ mayWrite: false }, "403 security_exception"],
      [{ hasStream: false }, "404 index_not_found_exception"]
    ] as const
  )("%j: the owner is told, nothing is refused", ([options, words]) =>
    Effect.gen(function*() {
      const { receiver } = yield* setUp(options)
      const { refused, suspended } = yield* sendAll(receiver, flowRecords(3))
      assert.isTrue(suspended?.startsWith(words), suspended)
      assert.strictEqual(refused.size, 0)
    }).pipe(Effect.provide(localReceivers)))
})

describe("the whole request", () => {
  it.live("larger than the cluster takes: halves until it does", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp({ contentBytes: 50_000 })
      const { refused } = yield* sendAll(receiver, flowRecords(1_000))
      assert.deepStrictEqual([elastic.documents.size, refused.size], [1_000, 0])
      assert.isAbove(elastic.requests.length, 4)
    }).pipe(Effect.provide(localReceivers)))

  it.live("failures pass, and everything arrives", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      elastic.faults.push({ status: 429, headers: { "retry-after": "1" } }, { status: 503 }, {
        status: 200,
        body: "<p>"
      }, "cut")
      const { answers } = yield* sendAll(receiver, flowRecords(50))
      assert.deepStrictEqual(
        answers.map(({ _tag }) => _tag),
        [...Array.from({ length: 4 }, () => "Transient"), "Accepted"]
      )
      assert.strictEqual(elastic.documents.size, 50)
    }).pipe(Effect.provide(localReceivers)))

  it.live("with a user, and with a wrong password", () =>
    Effect.gen(function*() {
      const { elastic } = yield* setUp({ credential: `Basic ${btoa("elastic:right")}` })
      const config = ElasticConfig.make({ url: elastic.url, user: "elastic", scheme: "auto" })
      const right = yield* sendAll(yield* openReceiver(config, "right"), flowRecords(2))
      assert.deepStrictEqual([right.suspended, elastic.documents.size], [undefined, 2])
      const wrong = yield* sendAll(yield* openReceiver(config, "wr0ng"), flowRecords(2))
      assert.match(wrong.suspended ?? "", /^401 .*unable to authenticate/)
      assert.notInclude(JSON.stringify(wrong), "wr0ng")
      assert.notInclude(JSON.stringify(wrong), btoa("elastic:wr0ng"))
    }).pipe(Effect.provide(localReceivers)))
})

describe("probes", () => {
  it.live("a look leaves nothing, a sample is marked as a test", () =>
    Effect.gen(function*() {
      const { elastic, receiver } = yield* setUp()
      assert.strictEqual((yield* receiver.probe("look"))._tag, "Usable")
      assert.strictEqual(elastic.documents.size, 0)
      assert.strictEqual((yield* receiver.probe("sample"))._tag, "Usable")
      const [[id, document] = []] = elastic.documents
      assert.match(id ?? "", /^tailrace-test-\d+$/)
      assert.deepStrictEqual(document?.["tags"], ["tailrace-test"])
    }).pipe(Effect.provide(localReceivers)))

  it.live("a wrong key, and one that may not write", () =>
    Effect.gen(function*() {
      const wrong = yield* setUp({ credential: "ApiKey other" })
      assert.deepInclude(yield* wrong.receiver.probe("look"), { _tag: "Misconfigured", status: 401 })
      const idle = yield* setUp({ mayWrite: false })
      assert.deepInclude(yield* idle.receiver.probe("sample"), { _tag: "Misconfigured", status: 403 })
    }).pipe(Effect.provide(localReceivers)))
})

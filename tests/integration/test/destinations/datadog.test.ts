// Records through the Datadog receiver into an emulator of its logs intake: limits, times, keys, failures.
import { assert, describe, it } from "@effect/vitest"
import { DatadogConfig } from "@tailrace/domain"
import { Effect } from "effect"
import { flowRecord, flowRecords, idsOf, nodeIds, range } from "../../src/destinations/flowRecords.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"
import { sendAll } from "../../src/destinations/sendAll.ts"
import { startDatadog } from "../../src/emulators/datadog/Datadog.ts"

const key = "0123456789abcdef0123456789abcdef"
const hour = 3_600_000

const setUp = Effect.gen(function*() {
  const datadog = yield* startDatadog(key)
  const receiver = yield* openReceiver(DatadogConfig.make({ url: datadog.url }), key)
  return { datadog, receiver }
})

describe("records", () => {
  it.live.each(["none", "gzip", "zstd"] as const)("each once, with compression %s", (codec) =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      const { refused, suspended } = yield* sendAll(receiver, flowRecords(2_500), { codec })
      assert.deepStrictEqual([[...refused], suspended], [[], undefined])
      assert.deepStrictEqual(nodeIds(datadog.logs), idsOf(range(0, 2_500)))
      assert.deepStrictEqual(datadog.requests, [1_000, 1_000, 500])
      assert.deepInclude(datadog.logs[0], { ddsource: "tailscale", service: "logstream-network" })
    }).pipe(Effect.provide(localReceivers)))

  it.live("of 900 kB: no request over 5 MB", () =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      yield* sendAll(receiver, flowRecords(10, { more: `"pad":"${"x".repeat(900_000)}"` }))
      assert.deepStrictEqual(datadog.requests, [4, 4, 2])
      assert.lengthOf(datadog.logs, 10)
    }).pipe(Effect.provide(localReceivers)))

  it.live("over 1 MB are refused, and not cut", () =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      const large = flowRecord(1, { more: `"pad":"${"x".repeat(1_000_000)}"` })
      const { refused } = yield* sendAll(receiver, [flowRecord(0), large, flowRecord(2)])
      assert.match(refused.get(1) ?? "", /takes at most 1000000$/)
      assert.deepStrictEqual([nodeIds(datadog.logs), datadog.cut], [idsOf([0, 2]), []])
    }).pipe(Effect.provide(localReceivers)))

  it.live("older than 17 hours are refused, and do not vanish behind a 202", () =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      const aged = [0, 16.9, 17.1, 17.9, 18.1, 90 * 24].map((hours, index) =>
        flowRecord(index, { agoMillis: hours * hour })
      )
      const { refused } = yield* sendAll(receiver, aged)
      assert.deepStrictEqual([...refused.keys()], [2, 3, 4, 5])
      assert.deepStrictEqual([nodeIds(datadog.logs), datadog.lost], [idsOf([0, 1]), []])
    }).pipe(Effect.provide(localReceivers)))

  it.live("of a node whose clock is a year off are found at the time of logging", () =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      const off = flowRecord(0).replaceAll(/("(?:start|end)"):"\d{4}/g, "$1:\"2019")
      assert.strictEqual((yield* sendAll(receiver, [off])).refused.size, 0)
      assert.deepStrictEqual([datadog.logs.length, datadog.lost], [1, []])
    }).pipe(Effect.provide(localReceivers)))

  it.live("that are no JSON: found by halving, and they alone are refused", () =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      const broken = [70, 301, 999]
      const texts = flowRecords(1_000).map((text, index) =>
        broken.includes(index) ? text.replace("\"proto\":6", "\"proto\":six") : text
      )
      const { answers, refused } = yield* sendAll(receiver, texts)
      assert.deepStrictEqual([...refused.keys()], broken)
      assert.match(refused.get(70) ?? "", /^400 .*Invalid JSON/)
      assert.deepStrictEqual(nodeIds(datadog.logs), idsOf(range(0, 1_000).filter((index) => !broken.includes(index))))
      assert.isBelow(answers.length, 80)
    }).pipe(Effect.provide(localReceivers)))
})

describe("failures", () => {
  it.live("pass, and everything arrives", () =>
    Effect.gen(function*() {
      const { datadog, receiver } = yield* setUp
      datadog.faults.push(
        { status: 429, headers: { "retry-after": "3" } },
        { status: 408 },
        { status: 500, body: "<html><h1>Oops</h1></html>" },
        { status: 503 },
        { status: 413 },
        "cut"
      )
      const { answers } = yield* sendAll(receiver, flowRecords(100))
      const tags = answers.map(({ _tag }) => _tag)
      const expected = [
        "Transient",
        "Transient",
        "Transient",
        "Transient",
        "TooLarge",
        "Transient",
        "Accepted",
        "Accepted"
      ]
      assert.deepStrictEqual(tags, expected)
      assert.deepInclude(answers[0], { retryAfterMillis: 3_000, maybeStored: false })
      assert.deepInclude(answers[2], { message: "500 Oops", maybeStored: true })
      assert.deepStrictEqual(nodeIds(datadog.logs), idsOf(range(0, 100)))
    }).pipe(Effect.provide(localReceivers)))

  it.live("a wrong key: nothing is lost, and the key is not shown", () =>
    Effect.gen(function*() {
      const { datadog } = yield* setUp
      const receiver = yield* openReceiver(DatadogConfig.make({ url: datadog.url }), "wrong-key")
      const { answers, suspended } = yield* sendAll(receiver, flowRecords(3))
      assert.match(suspended ?? "", /^403 .*Forbidden/)
      assert.notInclude(JSON.stringify(answers), "wrong-key")
    }).pipe(Effect.provide(localReceivers)))
})

describe("probes", () => {
  const probes = Effect.fnUntraced(function*(host: string, given: string) {
    const datadog = yield* startDatadog(key)
    const config = DatadogConfig.make({ url: `http://${host}:${datadog.port}/api/v2/logs` })
    const receiver = yield* openReceiver(config, given)
    const look = yield* receiver.probe("look")
    const before = datadog.logs.length
    const sample = yield* receiver.probe("sample")
    return { before, look, sample, logs: datadog.logs, requests: datadog.requests }
  })

  it.live.each([["http-intake.logs.us5.dd.test", []], ["vector.test", [0]]] as const)(
    "at %s: a look leaves nothing, a sample is marked as a test",
    ([host, looked]) =>
      Effect.gen(function*() {
        const { before, logs, look, requests, sample } = yield* probes(host, key)
        assert.deepStrictEqual([look._tag, sample._tag, before], ["Usable", "Usable", 0])
        assert.deepStrictEqual(requests, [...looked, 1])
        assert.deepInclude(logs[0], { ddtags: "tailrace_test:true", service: "logstream-network" })
      }).pipe(Effect.provide(localReceivers))
  )

  it.live.each(["http-intake.logs.us5.dd.test", "vector.test"])(
    "at %s with a wrong key",
    (host) =>
      Effect.gen(function*() {
        const { look, sample } = yield* probes(host, "wrong-key")
        assert.deepInclude(look, { _tag: "Misconfigured", status: 403 })
        assert.deepInclude(sample, { _tag: "Misconfigured", status: 403 })
      }).pipe(Effect.provide(localReceivers))
  )
})

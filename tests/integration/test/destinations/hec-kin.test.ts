// Panther, Cribl on its three paths, and CrowdStrike: each takes what is sent, once, in its own form.
import { assert, describe, it } from "@effect/vitest"
import { CriblConfig, CrowdstrikeConfig, PantherConfig } from "@tailrace/domain"
import { Effect } from "effect"
import { startCribl } from "../../src/emulators/cribl/Cribl.ts"
import { startLogScale } from "../../src/emulators/crowdstrike/LogScale.ts"
import { startPanther } from "../../src/emulators/panther/Panther.ts"
import { exported, flowRecord } from "../../src/kill/SampleRecord.ts"
import { deliverAll } from "../../src/receivers/deliverAll.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"

const secret = "kin-11111111-2222"
const settings = { scheme: "auto", acknowledge: "auto" } as const

const flows = (count: number) => Array.from({ length: count }, (_, index) => exported(flowRecord(`p-${index}`, index)))
const ids = (count: number) => Array.from({ length: count }, (_, index) => `p-${index}`)
const idsOf = (events: ReadonlyArray<Readonly<Record<string, unknown>>>) =>
  events.flatMap(({ event }) => /p-\d+/.exec(JSON.stringify(event)) ?? [])
const recorded = { recorded: "2026-06-03T15:35:00.000000001Z" }
const broken = "{\"logged\":\"2026-06-03T15:35:00Z\",\"nodeId\":\"x\",\"start\":\"\",\"end\":\"\",\"a\":nonsense}"

describe("panther", () => {
  it.live.each(["none", "gzip", "zstd"] as const)(
    "takes less than a megabyte a request (%s)",
    (codec) =>
      Effect.gen(function*() {
        const panther = yield* startPanther(secret)
        const receiver = yield* openReceiver(PantherConfig.make({ url: panther.url, ...settings }), secret)
        yield* deliverAll(receiver, flows(4_000), { codec })
        assert.deepStrictEqual(idsOf(panther.events), ids(4_000))
        assert.isAtMost(Math.max(...panther.requests), codec === "none" ? 1_000_000 : 500_000)
        assert.deepInclude(panther.events[0], { time: 1780500776.773, fields: recorded })
      }).pipe(Effect.provide(localReceivers))
  )

  it.live("a record that it does not like is found by halves", () =>
    Effect.gen(function*() {
      const panther = yield* startPanther(secret)
      const receiver = yield* openReceiver(PantherConfig.make({ url: panther.url, ...settings }), secret)
      const texts = flows(50)
      texts[30] = broken
      const { refused } = yield* deliverAll(receiver, texts)
      assert.deepStrictEqual([...refused.entries()], [[30, "400 {\"message\":\"payload does not match the schema\"}"]])
      assert.deepStrictEqual(idsOf(panther.events), ids(50).filter((id) => id !== "p-30"))
    }).pipe(Effect.provide(localReceivers)))
})

describe("cribl", () => {
  it.live.each(["/cribl/_bulk", "/elastic/_bulk", "/services/collector", "/services/collector/event"])(
    "makes the same events of %s",
    (path) =>
      Effect.gen(function*() {
        const cribl = yield* startCribl(secret)
        const receiver = yield* openReceiver(CriblConfig.make({ url: `${cribl.origin}${path}`, ...settings }), secret)
        const found = yield* receiver.probe("look")
        assert.strictEqual(found._tag, "Usable")
        yield* deliverAll(receiver, flows(3_000))
        assert.deepStrictEqual(idsOf(cribl.events), ids(3_000))
        assert.deepInclude(cribl.events[0], { _time: 1780500776.773, fields: recorded })
      }).pipe(Effect.provide(localReceivers))
  )

  it.live("says when it is busy, and by which scheme it wants its token", () =>
    Effect.gen(function*() {
      const cribl = yield* startCribl(`Splunk ${secret}`)
      const config = CriblConfig.make({ url: `${cribl.origin}/cribl/_bulk`, ...settings })
      const receiver = yield* openReceiver(config, secret)
      const found = yield* receiver.probe("look")
      assert.deepInclude(found, { _tag: "Usable", capabilities: { scheme: "splunk" } })
      cribl.isBusy = true
      const { answers } = yield* deliverAll(receiver, flows(1), { known: { scheme: "splunk" } })
      assert.deepInclude(answers[0], {
        _tag: "Transient",
        maybeStored: false,
        message: "503 Server is busy, max active connections reached"
      })
    }).pipe(Effect.provide(localReceivers)))
})

it.live("crowdstrike wants white space between objects, and a bearer's token", () =>
  Effect.gen(function*() {
    const logScale = yield* startLogScale(secret)
    const receiver = yield* openReceiver(CrowdstrikeConfig.make({ url: logScale.url, ...settings }), secret)
    assert.strictEqual((yield* receiver.probe("look"))._tag, "Usable")
    yield* deliverAll(receiver, flows(3_000))
    assert.deepStrictEqual(idsOf(logScale.events), ids(3_000))
    const other = yield* openReceiver(CrowdstrikeConfig.make({ url: logScale.url, ...settings }), "other")
    assert.deepInclude(yield* other.probe("look"), { _tag: "Misconfigured", status: 401 })
  }).pipe(Effect.provide(localReceivers)))

// Splunk's indexer acknowledgement: found out, waited for, led to the right indexer, and given up in the end.
import { assert, describe, it } from "@effect/vitest"
import { SplunkConfig } from "@tailrace/domain"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { type Splunk, startSplunk, type Token } from "../../src/emulators/splunk/Splunk.ts"
import { exported, flowRecord } from "../../src/kill/SampleRecord.ts"
import { deliverAll } from "../../src/receivers/deliverAll.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"

const secret = "11111111-2222-3333-4444-555555555555"
const acking: Token = { token: secret, useAck: true }

const configFor = (url: string, more: Partial<SplunkConfig> = {}) =>
  SplunkConfig.make({ url, scheme: "auto", acknowledge: "auto", ...more })

const flows = (count: number) => Array.from({ length: count }, (_, index) => exported(flowRecord(`p-${index}`, index)))

const usable = (splunk: Splunk, more: Partial<SplunkConfig> = {}) =>
  Effect.gen(function*() {
    const receiver = yield* openReceiver(configFor(splunk.url, more), secret)
    const found = yield* receiver.probe("look")
    if (found._tag !== "Usable") return yield* Effect.die(found)
    return { receiver, known: found.capabilities }
  })

const later = (run: () => void, millis: number) => void setTimeout(run, millis)

const inRealTime = (millis: number) => Effect.callback<void>((resume) => later(() => resume(Effect.void), millis))

const oneRequest = Effect.sync(() => {
  const body = Buffer.from("{\"time\":1780500776.773,\"event\":{}}")
  return { body, codec: "none", count: 1, contentBytes: body.length } as const
})

describe("acknowledgement by the indexer", () => {
  it.live.each([{}, { isCloud: true }, { missesDataFirst: true }])(
    "is found out, and waited for (%o)",
    (options) =>
      Effect.gen(function*() {
        const splunk = yield* startSplunk({ tokens: [acking], ackMillis: 1_100, ...options })
        const { known, receiver } = yield* usable(splunk)
        assert.isTrue(known.acknowledges)
        const began = performance.now()
        const { answers } = yield* deliverAll(receiver, flows(10), { known })
        assert.deepStrictEqual(answers, [{ _tag: "Accepted", slower: false }])
        assert.isAbove(performance.now() - began, 1_100)
      }).pipe(Effect.provide(localReceivers))
  )

  it.live("by the same indexer behind a load balancer, several at once", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [acking], indexers: 3 })
      const { known, receiver } = yield* usable(splunk)
      const outcomes = yield* Effect.forEach(
        [1, 2, 3, 4],
        (count) => deliverAll(receiver, flows(count), { known }),
        { concurrency: 4 }
      )
      assert.isTrue(outcomes.every(({ answers }) => answers[0]?._tag === "Accepted"))
    }).pipe(Effect.provide(localReceivers)))

  it.live("is asked for again when a question is not answered", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [acking] })
      const { known, receiver } = yield* usable(splunk)
      splunk.faults.push(undefined, "cut", { status: 503, body: "busy" })
      const { answers } = yield* deliverAll(receiver, flows(1), { known })
      assert.deepStrictEqual([answers, splunk.found.length], [[{ _tag: "Accepted", slower: false }], 1])
    }).pipe(Effect.provide(localReceivers)))

  it.live("that will never come leaves it open", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [acking] })
      const { known, receiver } = yield* usable(splunk)
      splunk.faults.push(undefined, { status: 400, body: { text: "ACK is disabled", code: 14 } })
      const answer = yield* receiver.send(yield* oneRequest, known)
      assert.deepInclude(answer, { _tag: "Transient", status: 400, maybeStored: true })
    }).pipe(Effect.provide(localReceivers)))

  it.live("is not waited for where nobody wants it, but has its channel", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [acking], ackMillis: 60_000 })
      const { known, receiver } = yield* usable(splunk, { acknowledge: "never" })
      const { answers } = yield* deliverAll(receiver, flows(1), { known })
      assert.strictEqual(answers[0]?._tag, "Accepted")
    }).pipe(Effect.provide(localReceivers)))

  it.live("that a token asks for only now is an owner's affair until it is found out", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [acking] })
      const receiver = yield* openReceiver(configFor(splunk.url), secret)
      const { answers } = yield* deliverAll(receiver, flows(1), { known: { acknowledges: false } })
      assert.deepInclude(answers[0], { _tag: "Misconfigured", message: "400 Data channel is missing (code 10)" })
      assert.deepInclude(yield* receiver.probe("look"), {
        _tag: "Usable",
        capabilities: { acknowledges: true, scheme: "splunk" }
      })
    }).pipe(Effect.provide(localReceivers)))

  it.effect("that does not come within 300 seconds leaves it open", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [acking] })
      splunk.acknowledges = false
      const { known, receiver } = yield* usable(splunk)
      const fiber = yield* Effect.forkChild(receiver.send(yield* oneRequest, known))
      for (let second = 0; second < 302; second++) {
        yield* inRealTime(second < 3 ? 50 : 2)
        yield* TestClock.adjust("1 second")
      }
      assert.deepInclude(yield* Fiber.join(fiber), {
        _tag: "Transient",
        maybeStored: true,
        message: "the indexer did not acknowledge within 300 s"
      })
    }).pipe(Effect.provide(localReceivers)))
})

// The type `splunk` against an event collector with Splunk's own rules: schemes, parts, queues, sizes.
import { assert, describe, it } from "@effect/vitest"
import { SplunkConfig } from "@tailrace/domain"
import { Effect } from "effect"
import { temporaryFolder } from "../../src/app/Tailrace.ts"
import { type Splunk, startSplunk, type Token } from "../../src/emulators/splunk/Splunk.ts"
import { startVector } from "../../src/emulators/vector/Vector.ts"
import { auditRecord, exported, flowRecord } from "../../src/kill/SampleRecord.ts"
import { deliverAll } from "../../src/receivers/deliverAll.ts"
import { localReceivers, openReceiver } from "../../src/destinations/openReceiver.ts"

const secret = "11111111-2222-3333-4444-555555555555"
const plain: Token = { token: secret }

const configFor = (url: string, more: Partial<SplunkConfig> = {}) =>
  SplunkConfig.make({ url, scheme: "auto", acknowledge: "auto", ...more })

const flows = (count: number) => Array.from({ length: count }, (_, index) => exported(flowRecord(`p-${index}`, index)))
const audits = (count: number) =>
  Array.from({ length: count }, (_, index) => exported(auditRecord(`p-${index}`, index)))

const idsOf = ({ found }: Splunk) => found.flatMap(({ event }) => /"p-\d+"/.exec(JSON.stringify(event)) ?? [])
const ids = (count: number) => Array.from({ length: count }, (_, index) => `"p-${index}"`)

const usable = (splunk: Splunk, more: Partial<SplunkConfig> = {}) =>
  Effect.gen(function*() {
    const receiver = yield* openReceiver(configFor(splunk.url, more), secret)
    const found = yield* receiver.probe("look")
    if (found._tag !== "Usable") return yield* Effect.die(found)
    return { receiver, known: found.capabilities }
  })

describe("events", () => {
  it.live("arrive once, in order, in bodies of a megabyte", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const { known, receiver } = yield* usable(splunk)
      yield* deliverAll(receiver, flows(5_000), { known })
      assert.deepStrictEqual(idsOf(splunk), ids(5_000))
      assert.isAbove(splunk.requests.length, 2)
      assert.deepInclude(splunk.found[0], {
        time: 1780500776.773,
        fields: { recorded: "2026-06-03T15:35:00.000000001Z" }
      })
    }).pipe(Effect.provide(localReceivers)))

  it.live("of audit records have their time outside", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const receiver = yield* openReceiver(configFor(splunk.url), secret, "audit")
      yield* deliverAll(receiver, audits(3), { codec: "none" })
      const [first] = splunk.found
      assert.strictEqual(first?.time, 1780500887.809)
      assert.notProperty(first?.event, "eventTime")
      assert.property(first?.event, "actor")
    }).pipe(Effect.provide(localReceivers)))
})

describe("the scheme of the token", () => {
  it.live.each(
    [
      [{}, "Splunk"],
      [{ user: "user" }, "Basic"],
      [{ user: "user", scheme: "splunk" }, "Splunk"],
      [{ scheme: "basic" }, "Basic"]
    ] as const
  )("%o is %s", ([more, word]) =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const { known, receiver } = yield* usable(splunk, more)
      yield* deliverAll(receiver, flows(1), { known })
      assert.strictEqual(splunk.found.length, 1)
      assert.isTrue(splunk.authorizations.at(-1)?.startsWith(`${word} `))
    }).pipe(Effect.provide(localReceivers)))

  it.live("is found out where the usual one is not taken, as Vector does not take Basic", () =>
    Effect.gen(function*() {
      const vector = yield* startVector({ tokens: [secret], folder: yield* temporaryFolder })
      const receiver = yield* openReceiver(configFor(vector.url, { user: "user" }), secret)
      const found = yield* receiver.probe("look")
      assert.deepInclude(found, { _tag: "Usable", capabilities: { scheme: "splunk", acknowledges: false } })
      const { answers } = yield* deliverAll(receiver, flows(2), { known: { scheme: "splunk" } })
      assert.deepStrictEqual(answers, [{ _tag: "Accepted", slower: false }])
      const before = yield* deliverAll(receiver, flows(1))
      assert.deepInclude(before.answers[0], { _tag: "Misconfigured", message: "401 Invalid authorization (code 3)" })
    }).pipe(Effect.provide(localReceivers)))

  it.live("with its word typed in", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const receiver = yield* openReceiver(configFor(splunk.url, { user: "user" }), `Splunk ${secret}`)
      yield* deliverAll(receiver, flows(1))
      assert.deepStrictEqual(splunk.authorizations, [`Splunk ${secret}`])
    }).pipe(Effect.provide(localReceivers)))

  it.live.each(
    [
      [{ token: "another" }, "403 Invalid token (code 4)"],
      [{ ...plain, isDisabled: true }, "403 Token disabled (code 1)"]
    ] as const
  )("a token of no use: %o", ([token, message]) =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [token] })
      const receiver = yield* openReceiver(configFor(splunk.url), secret)
      assert.deepInclude(yield* receiver.probe("look"), { _tag: "Misconfigured", message })
      assert.strictEqual(splunk.authorizations.length, 1)
      const { answers } = yield* deliverAll(receiver, flows(1))
      assert.deepInclude(answers[0], { _tag: "Misconfigured", message })
    }).pipe(Effect.provide(localReceivers)))
})

/** As a foreign producer may have written it. */
const broken = "{\"logged\":\"2026-06-03T15:35:00Z\",\"nodeId\":\"x\",\"start\":\"\",\"end\":\"\",\"a\":nonsense}"

describe("parts", () => {
  it.live("a broken record is refused in Splunk's words, and no other with it or twice", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const { known, receiver } = yield* usable(splunk)
      const texts = flows(40)
      texts[0] = texts[17] = texts[39] = broken
      const { refused } = yield* deliverAll(receiver, texts, { known })
      assert.deepStrictEqual([...refused.keys()], [0, 17, 39])
      assert.strictEqual(refused.get(17), "400 Invalid data format (code 6)")
      assert.deepStrictEqual(idsOf(splunk), ids(40).filter((_, index) => ![0, 17, 39].includes(index)))
    }).pipe(Effect.provide(localReceivers)))

  it.live("an event without members is passed on as it is", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const receiver = yield* openReceiver(configFor(splunk.url), secret)
      yield* deliverAll(receiver, ["{\"logged\":\"2026-06-03T15:35:00Z\"}"])
      assert.deepStrictEqual(splunk.found.map(({ event }) => event), [{}])
    }).pipe(Effect.provide(localReceivers)))
})

describe("queues", () => {
  it.live("nearly full: taken, and slower; full: not taken", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const receiver = yield* openReceiver(configFor(splunk.url), secret)
      const tags: Array<unknown> = []
      for (
        const [queue, ackQueue] of [["near", "free"], ["free", "near"], ["full", "free"], ["free", "full"]] as const
      ) {
        Object.assign(splunk, { queue, ackQueue })
        const outcome = yield* deliverAll(receiver, flows(1)).pipe(Effect.map(({ answers }) => answers[0]))
        tags.push(outcome?._tag === "Accepted" ? outcome.slower : outcome?._tag)
      }
      assert.deepStrictEqual(tags, [true, true, "Transient", "Transient"])
      assert.strictEqual(splunk.found.length, 2)
    }).pipe(Effect.provide(localReceivers)))

  it.live("outages in between lose and double nothing that is not open", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain] })
      const { known, receiver } = yield* usable(splunk)
      const busy = { status: 503, body: { text: "Server is busy", code: 9 } }
      splunk.faults.push(undefined, busy, { status: 502, body: "<html>Bad gateway</html>" }, undefined, busy)
      const { answers } = yield* deliverAll(receiver, flows(100), { known, parcel: 10 })
      assert.strictEqual(answers.filter(({ _tag }) => _tag === "Transient").length, 3)
      assert.deepStrictEqual(idsOf(splunk), ids(100))
    }).pipe(Effect.provide(localReceivers)))
})

describe("sizes", () => {
  const big = (bytes: number) => exported(flowRecord("p-big", 1)).replace("}]}", `}],"pad":"${"x".repeat(bytes)}"}`)

  it.live("a record of more than a megabyte goes alone", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain], isCloud: true })
      const receiver = yield* openReceiver(configFor(splunk.url), secret)
      const { refused } = yield* deliverAll(receiver, [...flows(2), big(1_500_000), ...flows(2)])
      assert.deepStrictEqual([refused.size, splunk.requests], [0, [2, 1, 2]])
    }).pipe(Effect.provide(localReceivers)))

  it.live("one of more than two is refused without asking", () =>
    Effect.gen(function*() {
      const splunk = yield* startSplunk({ tokens: [plain], isCloud: true })
      const receiver = yield* openReceiver(configFor(splunk.url), secret)
      const { answers, refused } = yield* deliverAll(receiver, [big(2_200_000)])
      assert.deepStrictEqual([[...refused.keys()], answers.length], [[0], 0])
    }).pipe(Effect.provide(localReceivers)))
})

it.live("a test leaves an event that says so, and shows the answer", () =>
  Effect.gen(function*() {
    const splunk = yield* startSplunk({ tokens: [plain] })
    const receiver = yield* openReceiver(configFor(splunk.url), secret)
    assert.deepInclude(yield* receiver.probe("sample"), { _tag: "Usable", message: "200 Success (code 0)" })
    assert.include(JSON.stringify(splunk.found), "test event")
  }).pipe(Effect.provide(localReceivers)))

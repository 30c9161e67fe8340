import { assert, describe, it } from "@effect/vitest"
import type { ReceiverAnswer } from "@tailrace/domain"
import type { MemoryLog } from "@tailrace/log"
import { Effect } from "effect"
import { append, makeLog, pass, record, valuesOf } from "./harness.ts"
import {
  accepted,
  begin,
  eventsOf,
  indexesOf,
  makeReceivers,
  many,
  processOf,
  type Request,
  transient
} from "./receivers.ts"

const sorted = (values: ReadonlyArray<string>) => [...values].sort()

/** As a service answers that takes all but these. */
const allBut = (request: Request, refused: (value: string) => boolean): ReceiverAnswer => {
  const indexes = indexesOf(request, refused)
  if (indexes.length === 0) return accepted
  return { _tag: "Partly", refused: indexes.map((index) => ({ index, reason: "bad" })), again: [], failure: null }
}

const reasonsOf = (memory: MemoryLog) =>
  memory.records("quarantine", 0).map(({ headers, value }) => ({
    reason: headers?.["reason"],
    value: new TextDecoder().decode(value ?? new Uint8Array())
  }))

const run = Effect.fnUntraced(function*(
  values: ReadonlyArray<string>,
  answer: (request: Request, index: number) => ReceiverAnswer,
  seconds = 60
) {
  const memory = makeLog()
  const receivers = makeReceivers()
  receivers.answerWith((request, index) => Effect.succeed(answer(request, index)))
  yield* Effect.gen(function*() {
    yield* begin
    yield* append(0, values)
    yield* pass(seconds)
  }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
  return { memory, receivers, quarantined: valuesOf(memory, "quarantine", 0), events: yield* eventsOf(memory) }
})

describe("what an answer does", () => {
  const indexes = Array.from({ length: 10 }, (_, index) => index)

  it.effect.each(indexes)(
    "a record refused at index %i goes to quarantine with the cursor, the others are taken",
    (at) =>
      Effect.gen(function*() {
        const values = many(10)
        const bad = values[at] ?? ""
        const { events, memory, quarantined, receivers } = yield* run(
          values,
          (request) => allBut(request, (value) => value === bad)
        )
        assert.deepStrictEqual(quarantined, [bad])
        assert.deepStrictEqual(reasonsOf(memory), [{ reason: "bad", value: bad }])
        assert.deepStrictEqual(receivers.taken, values.filter((value) => value !== bad))
        assert.deepInclude(events.at(-1), { _tag: "RecordsDelivered", to: 10 })
      })
  )

  it.effect.each(indexes)(
    "a record to be sent again at index %i is sent again, and no other",
    (at) =>
      Effect.gen(function*() {
        const values = many(10)
        const { events, quarantined, receivers } = yield* run(
          values,
          (_, index) => index === 0 ? { _tag: "Partly", refused: [], again: [at], failure: null } : accepted
        )
        assert.deepStrictEqual(receivers.requests.map(({ records }) => records), [values, [values[at] ?? ""]])
        assert.deepStrictEqual(quarantined, [])
        const delivered = events.filter(({ _tag }) => _tag === "RecordsDelivered")
        assert.deepInclude(delivered.at(-1), { to: 10 })
        if (at > 0) assert.deepInclude(delivered[0], { from: 0, to: at })
      })
  )

  it.effect.each(indexes)(
    "of a body that is too large for %i records, halves are sent until it fits",
    (limit) =>
      Effect.gen(function*() {
        const values = many(40)
        const { quarantined, receivers } = yield* run(
          values,
          ({ records }) =>
            records.length > limit ? { _tag: "TooLarge", message: "413 too large", status: 413 } : accepted
        )
        if (limit === 0) {
          // Each single record is refused: that is no poison.
          assert.strictEqual(quarantined.length, 20)
          assert.isBelow(receivers.requests.length, 60)
          return assert.deepStrictEqual(receivers.taken, [])
        }
        assert.deepStrictEqual(sorted(receivers.taken), sorted(values))
        assert.deepStrictEqual(quarantined, [])
        const tooLarge = receivers.requests.filter(({ records }) => records.length > limit)
        assert.isAtMost(tooLarge.length, 12)
      })
  )

  it.effect("some are refused, some shall come again after a pause, the rest is taken", () =>
    Effect.gen(function*() {
      const values = many(10)
      const { events, quarantined, receivers } = yield* run(values, (_, index) =>
        index > 0 ? accepted : {
          _tag: "Partly",
          refused: [{ index: 2, reason: "mapping" }],
          again: [1, 5],
          failure: { message: "429", status: 429, retryAfterMillis: 5000, maybeStored: false }
        })
      assert.deepStrictEqual(receivers.requests[1]?.records, [values[1] ?? "", values[5] ?? ""])
      assert.deepStrictEqual(quarantined, [values[2] ?? ""])
      const tags = events.map(({ _tag }) => _tag)
      assert.deepStrictEqual([...new Set(tags)].sort(), ["AttemptFailed", "RecordsDelivered"])
      assert.deepInclude(events.findLast(({ _tag }) => _tag === "RecordsDelivered"), { to: 10 })
    }))

  it.effect("a record that is too large by the service's own limit is put aside without asking", () =>
    Effect.gen(function*() {
      const values = [record(), record(1950), record()]
      const { memory, receivers } = yield* run(values, () => accepted)
      assert.deepStrictEqual(reasonsOf(memory), [{ reason: "over 1900 bytes", value: values[1] ?? "" }])
      assert.deepStrictEqual(receivers.taken, [values[0] ?? "", values[2] ?? ""])
    }))

  it.effect("nothing but such records makes no request, and moves on", () =>
    Effect.gen(function*() {
      const { events, quarantined, receivers } = yield* run([record(1950)], () => accepted)
      assert.strictEqual(quarantined.length, 1)
      assert.deepStrictEqual(receivers.requests, [])
      assert.deepInclude(events.at(-1), { _tag: "BatchQuarantined", from: 0, to: 1 })
    }))

  it.effect("a leg of nothing but junk moves on", () =>
    Effect.gen(function*() {
      const { events, quarantined, receivers } = yield* run(["junk", "more"], () => accepted)
      assert.deepStrictEqual(quarantined, ["junk", "more"])
      assert.deepStrictEqual(receivers.requests, [])
      assert.deepInclude(events.at(-1), { _tag: "BatchQuarantined", from: 0, to: 2, quarantined: 2 })
    }))

  it.effect("junk between records is put aside in the commit that passes it", () =>
    Effect.gen(function*() {
      const [first, last] = [record(), record()]
      const { events, quarantined, receivers } = yield* run([first, "junk", last], () => accepted)
      assert.deepStrictEqual(quarantined, ["junk"])
      assert.deepStrictEqual(receivers.taken, [first, last])
      assert.deepInclude(events.at(-1), { _tag: "RecordsDelivered", from: 0, to: 3, count: 2, quarantined: 1 })
    }))

  it.effect("a destination that refuses everything is suspended, and little is put aside", () =>
    Effect.gen(function*() {
      const values = many(200)
      const { events, quarantined, receivers } = yield* run(values, (request) => allBut(request, () => true), 900)
      assert.isAtMost(quarantined.length, 20)
      const suspended = events.flatMap((event) => event._tag === "Suspended" ? [event.message] : [])
      assert.match(suspended[0] ?? "", /^more than 20 records in a row are refused: bad$/)
      assert.match(suspended[1] ?? "", /^records are refused as before: bad$/)
      assert.isBelow(receivers.requests.length, 40)
      assert.strictEqual(new Set(quarantined).size, quarantined.length)
    }))

  it.effect("poison now and then stops nobody", () =>
    Effect.gen(function*() {
      const values = many(1000)
      const bad = new Set(values.filter((_, index) => index % 25 === 7))
      const { quarantined, receivers } = yield* run(values, (request) => allBut(request, (value) => bad.has(value)))
      assert.deepStrictEqual(sorted(quarantined), sorted([...bad]))
      assert.deepStrictEqual(sorted(receivers.taken), sorted(values.filter((value) => !bad.has(value))))
    }))

  it.effect("what others under way deliver does not end the pause after a failure", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(60)
      receivers.answerWith((_, index) => {
        if (index === 0) return Effect.succeed(accepted)
        if (index === 1) return Effect.as(Effect.sleep(5000), accepted)
        return Effect.as(Effect.sleep(100), index === 2 ? { ...transient, retryAfterMillis: 30_000 } : accepted)
      })
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(10)
        assert.strictEqual(receivers.requests.length, 3)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      yield* Effect.gen(function*() {
        yield* pass(15)
        assert.strictEqual(receivers.requests.length, 3)
        yield* pass(30)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual(receivers.taken, values)
      const [first, failure, second] = yield* eventsOf(memory)
      assert.deepInclude(first, { _tag: "RecordsDelivered", to: 10 })
      assert.deepInclude(failure, { _tag: "AttemptFailed", attempt: 1 })
      assert.deepInclude(second, { _tag: "RecordsDelivered", from: 10, waits: true })
    }))

  it.effect("everything again, without a reason, is a failure and not asked for at once", () =>
    Effect.gen(function*() {
      const { events, receivers } = yield* run(many(3), (request) => ({
        _tag: "Partly",
        refused: [],
        again: indexesOf(request, () => true),
        failure: null
      }))
      assert.isBelow(receivers.requests.length, 20)
      assert.deepInclude(events[0], { _tag: "AttemptFailed", attempt: 1 })
    }))
})

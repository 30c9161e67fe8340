import { assert, describe, it } from "@effect/vitest"
import type { ReceiverAnswer } from "@tailrace/domain"
import { Effect } from "effect"
import { append, makeLog, pass, valuesOf } from "./harness.ts"
import {
  accepted,
  begin,
  eventsOf,
  makeReceivers,
  many,
  misconfigured,
  processOf,
  type Request,
  transient
} from "./receivers.ts"

/** As Splunk's collector answers: what lies before the first refused record is taken, what lies behind it is not. */
const untilFirst = ({ records }: Request, isBad: (value: string) => boolean): ReceiverAnswer => {
  const index = records.findIndex(isBad)
  if (index < 0) return accepted
  const again = records.flatMap((_, at) => at > index ? [at] : [])
  return { _tag: "Partly", refused: [{ index, reason: "code 6" }], again, failure: null }
}

describe("a collector that names the first refused record only", () => {
  it.effect("and refuses all: it is suspended, and no more than 20 are put aside", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      receivers.answerWith((request) => Effect.succeed(untilFirst(request, () => true)))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, many(300))
        yield* pass(1800)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.strictEqual(valuesOf(memory, "quarantine", 0).length, 20)
      const suspended = (yield* eventsOf(memory)).flatMap((event) => event._tag === "Suspended" ? [event.message] : [])
      assert.match(suspended[0] ?? "", /more than 20 records in a row are refused: code 6/)
      assert.match(suspended[1] ?? "", /refused as before: code 6/)
    }), 30_000)

  it.effect("works again after that: a record that is poison all the same does not hold it up", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(300)
      let isBad = (_: string) => true
      receivers.answerWith((request) => Effect.succeed(untilFirst(request, isBad)))
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(10)
        const [poison = "", other = ""] = [values[20], values[25]]
        isBad = (value) => value === poison || value === other
        yield* pass(300)
        const quarantined = valuesOf(memory, "quarantine", 0)
        assert.deepStrictEqual(quarantined, [...values.slice(0, 20), poison, other])
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.deepStrictEqual([...receivers.taken].sort(), values.slice(21).filter((_, index) => index !== 4).sort())
    }))
})

describe("what is known of a receiver", () => {
  it.effect("records behind a hole are not sent twice after a suspension", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(120)
      receivers.answerWith((_, index) => {
        if (index === 5) return Effect.as(Effect.sleep(300), misconfigured)
        if (index === 4 || index === 6) return Effect.as(Effect.sleep(2000), accepted)
        return Effect.as(Effect.sleep(100), accepted)
      })
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(300)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      const tags = (yield* eventsOf(memory)).map(({ _tag }) => _tag)
      assert.strictEqual(tags[tags.indexOf("Suspended") + 1], "Resumed")
      assert.deepStrictEqual([...receivers.taken].sort(), [...values].sort())
    }))

  it.effect("requests under way that fail together are one failure", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      const values = many(150)
      receivers.answerWith((_, index) =>
        Effect.as(Effect.sleep(100 + 10 * index), index >= 6 && index < 10 ? transient : accepted)
      )
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, values)
        yield* pass(30)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
      assert.strictEqual(receivers.mostUnderWay(), 4)
      const attempts = (yield* eventsOf(memory)).flatMap((event) =>
        event._tag === "AttemptFailed" ? [event.attempt] : []
      )
      assert.deepStrictEqual(attempts, [1])
      assert.deepStrictEqual([...receivers.taken].sort(), [...values].sort())
    }))

  it.effect("of several pauses that are asked for, the longest counts", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers()
      receivers.answerWith((_, index) => {
        if (index === 1) return Effect.as(Effect.sleep(1000), transient)
        if (index === 2) return Effect.as(Effect.sleep(1500), { ...transient, retryAfterMillis: 60_000 })
        return Effect.as(Effect.sleep(100), accepted)
      })
      yield* Effect.gen(function*() {
        yield* begin
        yield* append(0, many(100))
        yield* pass(55)
        assert.isAtMost(receivers.requests.length, 4)
        yield* pass(30)
        assert.strictEqual(receivers.taken.length, 100)
      }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
    }))
})

/** Following, bounds, retention and time. */
import { assert } from "@effect/vitest"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { recordsOf } from "../Chunk.ts"
import type { Lane, Log } from "../Log.ts"
import {
  assertFields,
  type Check,
  chunksOf,
  entriesOf,
  entryOf,
  read,
  readTexts,
  realPause,
  refusalOf,
  textOf
} from "./Subject.ts"

const middle: Check = {
  name: "follow begins at any record, also in the middle of an append",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    yield* log.append("flow", 0, entriesOf("a", 3))
    yield* log.append("flow", 0, entriesOf("b", 3))
    const all = ["a-0", "a-1", "a-2", "b-0", "b-1", "b-2"]
    for (let from = 0; from < 6; from++) {
      const records = yield* read(log, { topic: "flow", from })
      assert.deepStrictEqual(records.map(textOf), all.slice(from))
      assert.deepStrictEqual(records.map(({ offset }) => offset), [0, 1, 2, 3, 4, 5].slice(from))
    }
  })
}

/** Follows from `from` in the background; answers the fiber and a way to wait for the n-th record. */
const watch = Effect.fnUntraced(function*(log: Log["Service"], count: number) {
  const seen: Array<string | null> = []
  const done = yield* Deferred.make<ReadonlyArray<string | null>>()
  const fiber = yield* log.follow("flow", 0, 0).pipe(
    Stream.runForEach((chunk) =>
      Effect.suspend(() => {
        seen.push(...recordsOf(chunk).map(textOf))
        return seen.length >= count ? Deferred.succeed(done, seen) : Effect.void
      })
    ),
    Effect.forkChild({ startImmediately: true })
  )
  return { seen: Deferred.await(done), fiber }
})

const wakes: Check = {
  name: "a follower at the end wakes on an append, two followers see the same, and one may stop",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const one = yield* watch(log, 3)
    const two = yield* watch(log, 3)
    const leaves = yield* watch(log, 3)
    yield* log.append("flow", 0, entriesOf("a", 2))
    yield* Fiber.interrupt(leaves.fiber)
    yield* log.append("flow", 1, entriesOf("other lane", 1))
    yield* log.append("flow", 0, entriesOf("b", 1))
    assert.deepStrictEqual(yield* one.seen, ["a-0", "a-1", "b-0"])
    assert.deepStrictEqual(yield* two.seen, ["a-0", "a-1", "b-0"])
    yield* Fiber.interrupt(one.fiber)
    yield* Fiber.interrupt(two.fiber)
  })
}

/** Bounds when nothing is pending: on Kafka a transaction's marker may land after its commit was acknowledged. */
const settledBounds = (log: Log["Service"], lane: Lane) =>
  log.bounds("ledger", lane).pipe(
    Effect.tap(({ next, stable }) => stable === next ? Effect.void : realPause(20)),
    Effect.repeat({ until: ({ next, stable }) => stable === next, times: 100 })
  )

const gaps: Check = {
  name: "a reader reaches the end of the lane even where offsets are left out",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const writer = yield* log.claim(0)
    for (let round = 0; round < 3; round++) yield* writer.commit([{ topic: "ledger", ...entryOf(`r${round}`) }])
    const { next } = yield* settledBounds(log, 0)
    const ends = yield* chunksOf(log, { topic: "ledger" }, (chunk) => chunk.next)
    assert.strictEqual(ends.at(-1), next)
    assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger" }), ["r0", "r1", "r2"])
  })
}

const expired: Check = {
  name: "follow from before the lane's start fails with RecordsExpired, and nothing is skipped silently",
  run: Effect.fnUntraced(function*(subject) {
    const open = yield* subject.open
    const { log } = open
    yield* log.append("flow", 0, entriesOf("a", 3))
    yield* log.append("flow", 0, entriesOf("b", 2))
    yield* open.expire("flow", 0, 3)
    const error = yield* refusalOf(Stream.runDrain(log.follow("flow", 0, 1)))
    assertFields(error, { _tag: "RecordsExpired", topic: "flow", lane: 0, from: 1, earliest: 3 })
    assert.deepStrictEqual(yield* log.bounds("flow", 0), { earliest: 3, stable: 5, next: 5 })
    assert.deepStrictEqual(yield* readTexts(log, { topic: "flow", from: 3 }), ["b-0", "b-1"])
    assert.strictEqual(yield* log.offsetAt("flow", 0, 0), 3)
  })
}

const overtaken: Check = {
  name: "a slow follower that retention overtakes is told so",
  run: Effect.fnUntraced(function*(subject) {
    const open = yield* subject.open
    const { log } = open
    const value = new Uint8Array(700_000)
    for (let batch = 0; batch < 12; batch++) yield* log.append("flow", 0, [{ key: "k", value }])
    const error = yield* log.follow("flow", 0, 0).pipe(
      Stream.runForEach((chunk) => chunk.from === 0 ? open.expire("flow", 0, 11) : Effect.void),
      refusalOf
    )
    assertFields(error, { _tag: "RecordsExpired", earliest: 11 })
  })
}

const beyond: Check = {
  name: "follow from after the end fails with OffsetBeyondEnd; from the very end it waits",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    yield* log.append("flow", 0, entriesOf("a", 3))
    const error = yield* refusalOf(Stream.runDrain(log.follow("flow", 0, 4)))
    assertFields(error, { _tag: "OffsetBeyondEnd", topic: "flow", lane: 0, from: 4, next: 3 })
    const waiting = yield* log.follow("flow", 0, 3).pipe(
      Stream.map(recordsOf),
      Stream.runHead,
      Effect.forkChild({ startImmediately: true })
    )
    yield* log.append("flow", 0, entriesOf("b", 1))
    assert.strictEqual((yield* Fiber.join(waiting))._tag, "Some")
  })
}

const byTime: Check = {
  name: "offsetAt answers the first offset appended at or after a time, beyond the end the next",
  needs: "test clock",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    assert.strictEqual(yield* log.offsetAt("audit", 0, 0), 0)
    for (let batch = 1; batch <= 5; batch++) {
      yield* TestClock.setTime(batch * 1_000)
      yield* log.append("audit", 0, entriesOf(`b${batch}`, 2))
    }
    const times = [0, 1_000, 1_001, 3_000, 4_500, 5_000, 5_001]
    const offsets = yield* Effect.forEach(times, (time) => log.offsetAt("audit", 0, time))
    assert.deepStrictEqual(offsets, [0, 0, 2, 4, 8, 8, 10])
  })
}

const slow: Check = {
  name: "a consumer that does not pull makes nobody read ahead without bound",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const value = new Uint8Array(500_000).fill(0x61)
    for (let batch = 0; batch < 80; batch++) yield* log.append("flow", 0, [{ key: "k", value }])
    const pulled = yield* Deferred.make<void>()
    const before = process.memoryUsage().arrayBuffers
    const fiber = yield* log.follow("flow", 0, 0).pipe(
      Stream.runForEach(() => Effect.andThen(Deferred.succeed(pulled, undefined), Effect.never)),
      Effect.forkChild({ startImmediately: true })
    )
    yield* Deferred.await(pulled)
    // Something else is read meanwhile, so that a reader that runs ahead has had the time to.
    const counts = yield* chunksOf(log, { topic: "flow", from: 40 }, ({ count }) => count)
    assert.strictEqual(counts.reduce((sum, count) => sum + count, 0), 40)
    yield* realPause(50)
    assert.isBelow(process.memoryUsage().arrayBuffers - before, 32_000_000)
    yield* Fiber.interrupt(fiber)
  })
}

const byRealTime: Check = {
  name: "offsetAt answers the first offset appended at or after the time of a record, beyond the end the next",
  needs: "real clock",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    assert.strictEqual(yield* log.offsetAt("audit", 0, 0), 0)
    for (let batch = 1; batch <= 3; batch++) {
      yield* log.append("audit", 0, entriesOf(`b${batch}`, 2))
      yield* realPause(20)
    }
    const records = yield* read(log, { topic: "audit" })
    const times = [0, 2, 4].map((index) => records[index]?.time ?? Infinity)
    const asked = [0, ...times, ...times.map((time) => time + 1)]
    const offsets = yield* Effect.forEach(asked, (time) => log.offsetAt("audit", 0, time))
    assert.deepStrictEqual(offsets, [0, 0, 2, 4, 2, 4, 6])
  })
}

export const reading: ReadonlyArray<Check> = [
  middle,
  wakes,
  gaps,
  expired,
  overtaken,
  beyond,
  byTime,
  byRealTime,
  slow
]

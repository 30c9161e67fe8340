import { assert, it } from "@effect/vitest"
import { crc32c } from "@node-rs/crc32"
import { Cause, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { large, open, textEntry, upTo, watch } from "./Reading.ts"

const failureOf = (fiber: Fiber.Fiber<unknown, unknown>) =>
  Effect.map(Fiber.await(fiber), (exit) => exit._tag === "Failure" ? Cause.squash(exit.cause) : undefined)

/** Three offsets, all of them compacted away. */
const withoutRecords = (): Buffer => {
  const batch = Buffer.alloc(61)
  batch.writeInt32BE(49, 8)
  batch.writeInt8(2, 16)
  batch.writeInt32BE(2, 23)
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
  return batch
}

const flow = { topic: "flow", lane: 0 } as const

it.effect("reads what is there, then what comes, from any offset, and names the batch", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.append("flow", 0, ["a", "b", "c"].map(textEntry))
    const all = yield* watch(follow, flow)
    const middle = yield* watch(follow, { ...flow, from: 2 })
    yield* TestClock.adjust("1 second")
    cluster.append("flow", 0, ["d"].map(textEntry))
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(all.seen.texts, ["a", "b", "c", "d"])
    assert.deepStrictEqual(all.seen.offsets, [0, 1, 2, 3])
    assert.deepStrictEqual(middle.seen.texts, ["c", "d"])
    assert.match(all.seen.marks[1] ?? "", /^id\/3\/[0-9a-f]{8}$/)
    assert.deepStrictEqual(cluster.faults, [])
  }))

it.effect("a position outside of the lane fails at once", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.append("flow", 0, ["a", "b", "c"].map(textEntry))
    cluster.lane("flow", 0).earliest = 2
    const early = yield* watch(follow, { ...flow, from: 1 })
    const late = yield* watch(follow, { ...flow, from: 4 })
    assert.deepInclude(yield* failureOf(early.fiber), { _tag: "RecordsExpired", from: 1, earliest: 2 })
    assert.deepInclude(yield* failureOf(late.fiber), { _tag: "OffsetBeyondEnd", from: 4, next: 3 })
  }))

it.effect("a slow follower that retention overtakes is told so, after what it holds", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    for (const _ of upTo(8)) cluster.append("flow", 0, [large(700_000)])
    const { fiber, seen } = yield* watch(follow, flow, () =>
      Effect.sync(() => {
        cluster.lane("flow", 0).earliest = 7
      }))
    yield* TestClock.adjust("5 seconds")
    assert.deepInclude(yield* failureOf(fiber), { _tag: "RecordsExpired", earliest: 7 })
    assert.deepStrictEqual(seen.offsets, upTo(seen.offsets.length))
  }))

it.effect("goes on to the lane's new leader, and verifies what it has read", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.append("flow", 0, ["a"].map(textEntry))
    const { seen } = yield* watch(follow, flow)
    yield* TestClock.adjust("1 second")
    cluster.lane("flow", 0).leader = 2
    cluster.append("flow", 0, ["b"].map(textEntry))
    yield* TestClock.adjust("3 seconds")
    assert.deepStrictEqual(seen.texts, ["a", "b"])
    assert.strictEqual(cluster.asked.at(-1)?.broker, 2)
    assert.isAbove(cluster.forgotten, 0)
    assert.strictEqual(cluster.recognitions, 1)
  }))

it.effect("a cluster that is away is waited for; others' lanes go on", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.append("flow", 0, ["a"].map(textEntry))
    const { seen } = yield* watch(follow, flow)
    yield* TestClock.adjust("1 second")
    cluster.isDown = true
    cluster.stir()
    yield* TestClock.adjust("10 minutes")
    const attempts = cluster.asked.length
    cluster.isDown = false
    cluster.append("flow", 0, ["b"].map(textEntry))
    yield* TestClock.adjust("5 seconds")
    assert.deepStrictEqual(seen.texts, ["a", "b"])
    assert.isBelow(attempts, 1_000)
    assert.strictEqual(cluster.recognitions, 1)
  }))

it.effect("a poll without an answer is given up, and asked anew", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const { seen } = yield* watch(follow, flow)
    yield* TestClock.adjust("100 millis")
    cluster.isHung = true
    yield* TestClock.adjust("1 second")
    cluster.append("flow", 0, ["a"].map(textEntry))
    yield* TestClock.adjust("7 seconds")
    assert.deepStrictEqual(seen.texts, ["a"])
  }))

it.effect("an error of one lane delays no other lane", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.append("flow", 0, ["a"].map(textEntry))
    cluster.append("flow", 1, ["b"].map(textEntry))
    cluster.lane("flow", 0).errors = [5, 6, 3, 74]
    const ill = yield* watch(follow, flow)
    const well = yield* watch(follow, { ...flow, lane: 1 })
    yield* TestClock.adjust("50 millis")
    assert.deepStrictEqual(well.seen.texts, ["b"])
    assert.deepStrictEqual(ill.seen.texts, [])
    yield* TestClock.adjust("10 seconds")
    assert.deepStrictEqual(ill.seen.texts, ["a"])
  }))

it.effect("a topic made anew, and a lane that was cut off and has grown again, stop the follower", () =>
  Effect.gen(function*() {
    for (const isMadeAnew of [true, false]) {
      const { cluster, follow } = yield* open
      cluster.append("flow", 0, ["a"].map(textEntry))
      const { fiber, seen } = yield* watch(follow, flow)
      yield* TestClock.adjust("1 second")
      const state = cluster.lane("flow", 0)
      if (isMadeAnew) cluster.topicIds.set("flow", "another")
      else {
        state.batches = []
        state.next = 0
        cluster.append("flow", 0, ["x"].map(textEntry))
      }
      cluster.append("flow", 0, ["y", "z"].map(textEntry))
      state.errors = [6]
      cluster.stir()
      yield* TestClock.adjust("3 seconds")
      const error = yield* failureOf(fiber)
      assert.deepInclude(error, { _tag: "OffsetBeyondEnd", topic: "flow", lane: 0, next: 3 })
      assert.deepStrictEqual(seen.texts[0], "a")
    }
  }))

it.effect("a batch that cannot be read stops the lane at its place: nothing is passed over", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    for (const text of ["a", "b", "c"]) cluster.append("flow", 0, [textEntry(text)])
    const damaged = cluster.lane("flow", 0).batches[1]?.bytes
    if (damaged !== undefined) damaged[damaged.length - 2] = 0
    const { fiber, seen } = yield* watch(follow, flow)
    yield* TestClock.adjust("1 second")
    const error = yield* failureOf(fiber)
    assert.deepInclude(error, { _tag: "LogUnavailable" })
    assert.match(String(error), /flow\/0 .*offset 1/)
    assert.deepStrictEqual(seen.texts, ["a"])
  }))

it.effect("a batch of an old format stops the lane, saying why", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const old = Buffer.alloc(80)
    old.writeInt32BE(68, 8)
    old.writeInt8(1, 16)
    cluster.store(flow, old, 1)
    const { fiber } = yield* watch(follow, flow)
    yield* TestClock.adjust("1 second")
    assert.match(String(yield* failureOf(fiber)), /LogUnavailable.*flow\/0.*offset 0/)
  }))

it.effect("a client that may not read is told which permission it lacks", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.lane("flow", 0).errors = [29]
    const { fiber } = yield* watch(follow, flow)
    yield* TestClock.adjust("1 second")
    assert.match(String(yield* failureOf(fiber)), /t\.flow.*kafka-acls.*--operation Read/)
  }))

it.effect("where only markers came, the position moves on", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    cluster.append("ledger", 0, ["a"].map(textEntry))
    const { seen } = yield* watch(follow, { topic: "ledger", lane: 0 })
    yield* TestClock.adjust("1 second")
    cluster.store({ topic: "ledger", lane: 0 }, withoutRecords(), 3)
    yield* TestClock.adjust("1 second")
    assert.deepStrictEqual(seen.texts, ["a"])
    assert.strictEqual(seen.next, 4)
    assert.strictEqual(seen.marks.at(-1), "")
  }))

it.effect("a follower that stops is asked for no more, and nobody asks when none is left", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const one = yield* watch(follow, flow)
    const two = yield* watch(follow, { ...flow, lane: 1 })
    yield* TestClock.adjust("2 seconds")
    yield* Fiber.interrupt(one.fiber)
    yield* TestClock.adjust("2 seconds")
    assert.deepStrictEqual(cluster.asked.at(-1)?.partitions.map(({ lane }) => lane), [1])
    yield* Fiber.interrupt(two.fiber)
    yield* TestClock.adjust("2 seconds")
    const asked = cluster.asked.length
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(cluster.asked.length, asked)
  }))

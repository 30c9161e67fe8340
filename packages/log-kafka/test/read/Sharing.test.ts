/** Many followers on one connection: nobody starves, nobody waits for others' polls, memory is bounded. */
import { assert, it } from "@effect/vitest"
import type { Lane, Topic } from "@tailrace/log"
import { Clock, Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { heldBytes } from "../../src/read/Fetcher.ts"
import { large, open, textEntry, upTo, watch } from "./Reading.ts"
import type { StandIn } from "./StandIn.ts"

const mebibyte = 1024 * 1024

/** When the consumer saw what: virtual milliseconds. */
const stamped = (times: Array<number>) => () =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    times.push(now)
  })

const backlog = (cluster: StandIn, lanes: ReadonlyArray<Lane>, batches: number) => {
  for (const lane of lanes) for (const _ of upTo(batches)) cluster.append("flow", lane, [large(900_000)])
}

it.effect("a batch over every limit is read soon, however much the other lanes hold", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const { seen } = yield* watch(follow, { topic: "flow", lane: 6 })
    const others = yield* Effect.forEach(upTo(6), (lane) => watch(follow, { topic: "flow", lane }))
    yield* TestClock.adjust("1 second")
    backlog(cluster, upTo(6), 6)
    cluster.append("flow", 6, [large(2_200_000)])
    const before = cluster.asked.length
    while (seen.offsets.length === 0 && cluster.asked.length - before < 5) yield* TestClock.adjust("1 millis")
    assert.deepStrictEqual(seen.offsets, [0])
    yield* TestClock.adjust("5 seconds")
    for (const other of others) assert.deepStrictEqual(other.seen.offsets, upTo(6))
    assert.deepStrictEqual(cluster.faults, [])
  }))

it.effect("lanes with a backlog are served alike", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    backlog(cluster, upTo(9), 4)
    const readers = yield* Effect.forEach(upTo(9), (lane) => watch(follow, { topic: "flow", lane }))
    while (readers.some(({ seen }) => seen.chunks < 3)) yield* TestClock.adjust("1 millis")
    assert.isTrue(readers.every(({ seen }) => seen.chunks <= 4))
    yield* TestClock.adjust("5 seconds")
    for (const { seen } of readers) assert.strictEqual(seen.offsets.length, 4)
  }))

it.effect("consumers that stand still hold a bounded amount, and do not starve the others", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const go = yield* Deferred.make<void>()
    backlog(cluster, upTo(16), 4)
    const readers = yield* Effect.forEach(
      upTo(16),
      (lane) => watch(follow, { topic: "flow", lane }, () => Deferred.await(go))
    )
    yield* TestClock.adjust("500 millis")
    assert.isAtMost(cluster.served, heldBytes + 4 * mebibyte)
    // It waits for records and so makes the others' memory be dropped; they are not to be read again and again.
    yield* watch(follow, { topic: "flow", lane: 17 })
    yield* TestClock.adjust("1 minute")
    assert.isTrue(readers.every(({ seen }) => seen.chunks === 1))
    assert.isAtMost(cluster.served, 48 * mebibyte)
    cluster.append("flow", 16, [textEntry("late")])
    const late = yield* watch(follow, { topic: "flow", lane: 16 })
    yield* TestClock.adjust("2 seconds")
    assert.deepStrictEqual(late.seen.texts, ["late"])
    yield* Deferred.succeed(go, undefined)
    yield* TestClock.adjust("10 seconds")
    for (const { seen } of readers) assert.deepStrictEqual(seen.offsets, upTo(4))
    assert.deepStrictEqual(cluster.faults, [])
  }))

it.effect("a follower that comes back waits for no long poll", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const arrivals: Array<number> = []
    // After each stop one set is there already; the one behind it has to be asked for.
    const stops = [100, 0, 1_000, 0, 60_000, 0]
    const pulls: Array<number> = []
    backlog(cluster, [0], 8)
    yield* watch(follow, { topic: "flow", lane: 1 })
    yield* watch(follow, { topic: "flow", lane: 0 }, () =>
      Effect.gen(function*() {
        arrivals.push(yield* Clock.currentTimeMillis)
        yield* Effect.sleep(stops[arrivals.length - 1] ?? 0)
        pulls.push(yield* Clock.currentTimeMillis)
      }))
    yield* TestClock.adjust("10 minutes")
    assert.strictEqual(arrivals.length, 8)
    const delays = arrivals.slice(1).map((arrival, index) => arrival - (pulls[index] ?? 0))
    assert.isAtMost(Math.max(...delays), 260)
    assert.isAtMost(Math.max(...delays.slice(0, 2)), 40)
  }))

it.effect("what is appended arrives at once, also while followers move from catching up to their place", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    const times: Array<number> = []
    yield* Effect.forEach(upTo(5), (lane) => watch(follow, { topic: "control", lane }))
    yield* TestClock.adjust("333 millis")
    yield* watch(follow, { topic: "ledger", lane: 0 }, stamped(times))
    yield* TestClock.adjust("60 millis")
    const appended: Array<number> = []
    for (const step of upTo(300)) {
      appended.push(yield* Clock.currentTimeMillis)
      cluster.append("ledger", 0, [textEntry("x")])
      yield* TestClock.adjust(5 + step % 13)
    }
    assert.strictEqual(times.length, 300)
    assert.isAtMost(Math.max(...times.map((time, index) => time - (appended[index] ?? 0))), 5)
    assert.strictEqual(cluster.asked.at(-1)?.purpose, "events")
    assert.deepStrictEqual(cluster.faults, [])
  }))

const newcomer = Effect.fnUntraced(function*(topic: Topic, after: number) {
  const { cluster, follow } = yield* open
  const times: Array<number> = []
  yield* Effect.forEach(upTo(5), (lane) => watch(follow, { topic, lane }))
  yield* TestClock.adjust(5_000 + after)
  cluster.append(topic, 5, [textEntry("x")])
  const began = yield* Clock.currentTimeMillis
  yield* watch(follow, { topic, lane: 5 }, stamped(times))
  yield* TestClock.adjust("1 second")
  return (times[0] ?? Infinity) - began
})

it.effect("a newcomer to events waits for at most 50 ms, to records for at most a long poll", () =>
  Effect.gen(function*() {
    for (const after of [1, 100, 250, 480]) {
      assert.isAtMost(yield* newcomer("ledger", after), 60)
      assert.isAtMost(yield* newcomer("flow", after), 510)
    }
  }))

it.effect("followers of one lane share answers at the end, and take turns elsewhere", () =>
  Effect.gen(function*() {
    const { cluster, follow } = yield* open
    for (const step of upTo(40)) cluster.append("control", 0, [textEntry(`${step}`)])
    const readers = yield* Effect.forEach([0, 0, 10, 39], (from) => watch(follow, { topic: "control", lane: 0, from }))
    yield* TestClock.adjust("1 second")
    const before = cluster.asked.length
    cluster.append("control", 0, [textEntry("40")])
    yield* TestClock.adjust("10 seconds")
    for (const { seen } of readers) assert.strictEqual(seen.texts.at(-1), "40")
    assert.deepStrictEqual(readers.map(({ seen }) => seen.texts.length), [41, 41, 31, 2])
    assert.isBelow(cluster.asked.length - before, 250)
    assert.deepStrictEqual(cluster.faults, [])
    yield* Effect.forEach(readers.slice(0, 3), ({ fiber }) => Fiber.interrupt(fiber))
    yield* TestClock.adjust("1 second")
    cluster.append("control", 0, [textEntry("41")])
    yield* TestClock.adjust("1 second")
    assert.strictEqual(readers[3]?.seen.texts.at(-1), "41")
    assert.strictEqual(cluster.asked.at(-1)?.purpose, "events")
  }))

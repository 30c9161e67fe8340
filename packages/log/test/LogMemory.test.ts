import { assert, describe, it } from "@effect/vitest"
import { type Chunk, makeMemoryLog, recordsOf } from "@tailrace/log"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (value: Uint8Array | null) => (value === null ? null : new TextDecoder().decode(value))
const entry = (key: string, value: string) => ({ key, value: bytes(value) })
const valuesOf = (chunk: Chunk) => recordsOf(chunk).map(({ value }) => text(value))

describe("LogMemory", () => {
  it.effect("a commit leaves an offset out, and a follower at the end still passes over it", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 1 })
      const writer = yield* memory.log.claim(0)
      const ends = yield* writer.commit([{ topic: "ledger", ...entry("a", "1") }])
      assert.deepStrictEqual([...ends], [["ledger", 1]])
      assert.strictEqual((yield* memory.log.bounds("ledger", 0)).next, 2)
      memory.leaveOut("ledger", 0, 3)
      const seen = yield* memory.log.follow("ledger", 0, 1).pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(seen.map(({ count, from, next }) => [count, from, next]), [[0, 1, 5]])
    }))

  it.effect("times come from the Clock and never go back", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 1 })
      yield* TestClock.setTime(5000)
      yield* memory.log.append("audit", 0, [entry("a", "1")])
      yield* TestClock.setTime(3000)
      yield* memory.log.append("audit", 0, [entry("a", "2")])
      assert.deepStrictEqual(memory.records("audit", 0).map(({ time }) => time), [5000, 5000])
    }))

  it.effect("a hanging transaction stops readers at stable until it is released", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 1 })
      yield* memory.log.append("flow", 0, [entry("a", "1")])
      const release = memory.hold("flow", 0)
      yield* memory.log.append("flow", 0, [entry("a", "2")])
      assert.deepStrictEqual(yield* memory.log.bounds("flow", 0), { earliest: 0, stable: 1, next: 2 })
      const seen: Array<string | null> = []
      const fiber = yield* memory.log.follow("flow", 0, 0).pipe(
        Stream.runForEach((chunk) => Effect.sync(() => void seen.push(...valuesOf(chunk)))),
        Effect.forkChild({ startImmediately: true })
      )
      assert.deepStrictEqual(seen, ["1"])
      release()
      yield* Effect.yieldNow
      assert.deepStrictEqual(seen, ["1", "2"])
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("a follower of a truncated lane fails with OffsetBeyondEnd", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 1 })
      yield* memory.log.append("flow", 0, [entry("a", "1"), entry("a", "2")])
      const fiber = yield* memory.log.follow("flow", 0, 2).pipe(
        Stream.runDrain,
        Effect.flip,
        Effect.forkChild({ startImmediately: true })
      )
      memory.truncate("flow", 0, 1)
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "OffsetBeyondEnd")
    }))

  it.effect("a follower whose lane is cut off and has grown again before it looks fails too", () =>
    Effect.gen(function*() {
      for (const to of [0, 1, 2]) {
        const memory = makeMemoryLog({ lanes: 1 })
        yield* memory.log.append("flow", 0, [entry("a", "1"), entry("a", "2")])
        const pull = yield* Stream.toPull(memory.log.follow("flow", 0, 0))
        yield* pull
        memory.truncate("flow", 0, to)
        yield* memory.log.append("flow", 0, [entry("a", "3"), entry("a", "4"), entry("a", "5")])
        const outcome = yield* Effect.match(pull, {
          onFailure: (error) => "_tag" in error ? error._tag : "end",
          onSuccess: ([chunk]) => `${chunk.count} records`
        })
        // What was read still stands only if nothing of it was cut off.
        assert.strictEqual(outcome, to < 2 ? "OffsetBeyondEnd" : "3 records")
      }
    }))

  it.effect("the chunk before is overwritten at the next pull", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 1 })
      const kept: Array<Uint8Array> = []
      yield* memory.log.append("flow", 0, Array.from({ length: 501 }, () => entry("a", "x")))
      yield* memory.log.follow("flow", 0, 0).pipe(
        Stream.take(2),
        Stream.runForEach((chunk) => Effect.sync(() => void kept.push(chunk.bytes)))
      )
      assert.strictEqual(kept[0]?.[0], 0xdd)
      assert.strictEqual(kept[1]?.[0], 0x78)
    }))

  it.effect("a claim of another process fences the writer", () =>
    Effect.gen(function*() {
      const memory = makeMemoryLog({ lanes: 1 })
      const old = yield* memory.log.claim(0)
      const next = yield* memory.open().claim(0)
      const refused = yield* Effect.flip(old.commit([{ topic: "ledger", ...entry("a", "1") }]))
      assert.strictEqual(refused._tag, "Fenced")
      assert.strictEqual(memory.records("ledger", 0).length, 0)
      yield* next.commit([{ topic: "ledger", ...entry("a", "2") }])
      assert.strictEqual(memory.records("ledger", 0).length, 1)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { type Log, recordsOf, type Topic } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

const day = 86_400_000
const bytesOf = (text: string) => new TextEncoder().encode(text)
const entryOf = (key: string, text: string) => ({ key, value: bytesOf(text) })

const fileBytes = (directory: string, file: string): number => statSync(join(directory, file)).size

const read = Effect.fnUntraced(function*(log: Log["Service"], topic: Topic) {
  const { earliest, next } = yield* log.bounds(topic, 0)
  const chunks = yield* log.follow(topic, 0, earliest).pipe(
    Stream.map((chunk) => ({ records: recordsOf(chunk), next: chunk.next })),
    Stream.takeUntil((chunk) => chunk.next >= next),
    Stream.runCollect
  )
  return chunks.flatMap(({ records }) => records)
})

const appendMegabytes = Effect.fnUntraced(function*(log: Log["Service"], megabytes: number) {
  const value = new Uint8Array(500_000).fill(0x61)
  for (let count = 0; count < megabytes * 2; count++) yield* log.append("flow", 0, [{ key: "k", value }])
})

const isOnDisk = (directory: string, text: string): boolean =>
  readdirSync(directory).some((file) => readFileSync(join(directory, file)).includes(text))

describe("retention", () => {
  it.effect("each topic expires by its own time, by itself, and the file shrinks", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log, maintain } = yield* LogSqlite.open({ directory, lanes: 1, retentionMillis: { flow: 2 * day } })
      yield* appendMegabytes(log, 48)
      yield* log.append("audit", 0, [entryOf("k", "kept")])
      yield* TestClock.adjust(1.5 * day)
      yield* log.append("flow", 0, [entryOf("k", "younger")])
      yield* maintain
      assert.deepStrictEqual(yield* log.bounds("flow", 0), { earliest: 0, stable: 97, next: 97 })
      const before = fileBytes(directory, "log.sqlite")
      yield* TestClock.adjust(0.6 * day)
      // What the clock's hour has started by itself is still at work; this waits behind it.
      yield* maintain
      assert.deepStrictEqual(yield* log.bounds("flow", 0), { earliest: 96, stable: 97, next: 97 })
      assert.strictEqual((yield* read(log, "flow")).length, 1)
      assert.strictEqual((yield* read(log, "audit")).length, 1)
      assert.isAbove(before, 40_000_000)
      assert.isBelow(fileBytes(directory, "log.sqlite"), 4_000_000)
    }))

  it.effect("maintenance runs every minute without being asked", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { board, log } = yield* LogSqlite.open({ directory, lanes: 1, retentionMillis: { flow: 30_000 } })
      yield* log.append("flow", 0, [entryOf("k", "old")])
      const { changed } = board.at("flow", 0)
      yield* TestClock.adjust("61 seconds")
      while (board.at("flow", 0).changed === changed) yield* TestClock.withLive(Effect.sleep("5 millis"))
      assert.deepStrictEqual(yield* log.bounds("flow", 0), { earliest: 1, stable: 1, next: 1 })
    }))

  it.effect("a steady reader does not let the write-ahead log grow", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log } = yield* LogSqlite.open({ directory, lanes: 1 })
      const reader = yield* log.follow("flow", 0, 0).pipe(
        Stream.takeUntil(({ next }) => next >= 240),
        Stream.runDrain,
        Effect.forkChild({ startImmediately: true })
      )
      yield* appendMegabytes(log, 120)
      assert.isBelow(fileBytes(directory, "log.sqlite-wal"), 40_000_000)
      yield* Fiber.join(reader)
    }))
})

describe("compaction", () => {
  it.effect("secrets keep the newest record of each key, and what was shredded is gone from the disk", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log, maintain } = yield* LogSqlite.open({ directory, lanes: 1 })
      // A file large enough that freed pages stay in it, and are not cut off by the vacuum.
      yield* appendMegabytes(log, 2)
      yield* log.append("secrets", 0, [entryOf("d", `large-of-d${" ".repeat(50_000)}`)])
      yield* log.append("secrets", 0, [entryOf("d", "d")])
      yield* log.append("secrets", 0, [entryOf("a", "first-of-a"), entryOf("b", "only-of-b"), entryOf("c", "of-c")])
      yield* log.append("secrets", 0, [entryOf("a", "second-of-a")])
      assert.isTrue(isOnDisk(directory, "of-c") && isOnDisk(directory, "large-of-d"))
      yield* log.append("secrets", 0, [{ key: "c", value: null, headers: { why: "shredded" } }])
      yield* maintain
      const records = yield* read(log, "secrets")
      assert.deepStrictEqual(records.map(({ key, offset }) => [key, offset]), [["d", 1], ["b", 3], ["a", 5], ["c", 6]])
      assert.deepStrictEqual(records.map(({ value }) => value?.length), [1, 9, 11, undefined])
      assert.deepStrictEqual(records[3]?.headers, { why: "shredded" })
      assert.isFalse(isOnDisk(directory, "of-c"))
      assert.isFalse(isOnDisk(directory, "first-of-a"))
      assert.isFalse(isOnDisk(directory, "large-of-d"))
      assert.isTrue(isOnDisk(directory, "only-of-b"))
      assert.deepStrictEqual(yield* log.bounds("secrets", 0), { earliest: 0, stable: 7, next: 7 })
      const rest = yield* log.follow("secrets", 0, 4).pipe(Stream.map(recordsOf), Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(rest.flat().map(({ offset }) => offset), [5, 6])
    }))

  it.effect("positions keep the hour before the newest, and the last 64", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log, maintain } = yield* LogSqlite.open({ directory, lanes: 1 })
      for (let minute = 0; minute < 200; minute++) {
        yield* log.append("positions", 0, [entryOf("0", `${minute}`)])
        yield* TestClock.setTime(minute * 60_000)
      }
      yield* maintain
      const records = yield* read(log, "positions")
      assert.strictEqual(records.length, 64)
      assert.strictEqual(records[0]?.offset, 136)
      assert.strictEqual((yield* log.bounds("positions", 0)).earliest, 0)
    }))

  it.effect("a snapshot of many shards stays whole, however old it is", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log, maintain } = yield* LogSqlite.open({ directory, lanes: 1 })
      yield* log.append("positions", 0, [entryOf("0", "older")])
      yield* TestClock.adjust(10 * day)
      const writer = yield* log.claim(0)
      yield* writer.commit(
        Array.from({ length: 150 }, () => ({ topic: "positions", ...entryOf("0", "shard") } as const))
      )
      yield* TestClock.adjust(10 * day)
      yield* maintain
      const records = yield* read(log, "positions")
      assert.strictEqual(records.length, 150)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Fiber, Stream } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

const megabyte = new Uint8Array(1_048_576).fill(0x61)

describe("CommitQueue", () => {
  it.effect("appends that wait together become one commit and one batch", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log } = yield* LogSqlite.open({ directory, lanes: 1 })
      const entries = [{ key: "k", value: new Uint8Array(100) }]
      const appends = Array.from({ length: 1_000 }, () => log.append("flow", 0, entries))
      const bases = yield* Effect.all(appends, { concurrency: "unbounded" })
      assert.deepStrictEqual(bases.map(({ baseOffset }) => baseOffset), Array.from({ length: 1_000 }, (_, i) => i))
      const db = new DatabaseSync(join(directory, "log.sqlite"), { readOnly: true })
      assert.isAtMost(Number(db.prepare("SELECT count(*) AS batches FROM flow_0").get()?.["batches"]), 4)
      db.close()
    }))

  it.effect("what waits is bounded: more appends wait outside, and all are taken in the end", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log } = yield* LogSqlite.open({ directory, lanes: 1, maxWaitingBytes: 4 * 1_048_576 })
      const before = process.memoryUsage().arrayBuffers
      let most = 0
      const append = Effect.tap(log.append("flow", 0, [{ key: "k", value: megabyte }]), () =>
        Effect.sync(() => {
          most = Math.max(most, process.memoryUsage().arrayBuffers - before)
        }))
      yield* Effect.all(Array.from({ length: 60 }, () => append), { concurrency: "unbounded" })
      assert.strictEqual((yield* log.bounds("flow", 0)).next, 60)
      assert.isBelow(most, 24 * 1_048_576)
    }))

  it.effect("an append that was interrupted while it waited outside is not in the log", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log } = yield* LogSqlite.open({ directory, lanes: 1, maxWaitingBytes: 1 })
      const start = (key: string) =>
        Effect.forkChild(log.append("flow", 0, [{ key, value: megabyte }]), { startImmediately: true })
      const inside = yield* start("inside")
      const outside = yield* start("outside")
      yield* Fiber.interrupt(outside)
      yield* Fiber.join(inside)
      yield* log.append("flow", 0, [{ key: "after", value: megabyte }])
      assert.strictEqual((yield* log.bounds("flow", 0)).next, 2)
    }))

  it.effect("many readers of a backlog take turns, and appends go on between them", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log } = yield* LogSqlite.open({ directory, lanes: 1 })
      const append = log.append("flow", 0, [{ key: "k", value: megabyte }])
      yield* Effect.replicateEffect(append, 40, { discard: true })
      const progress = Array.from({ length: 6 }, () => 0)
      const behind: Array<number> = []
      const follow = (reader: number) =>
        log.follow("flow", 0, 0).pipe(
          Stream.takeUntil(({ next }) => {
            progress[reader] = next
            return next >= 40
          }),
          Stream.runDrain,
          Effect.andThen(Effect.sync(() => void behind.push(Math.min(...progress))))
        )
      const readers = yield* Effect.forEach(progress, (_, reader) => Effect.forkChild(follow(reader)))
      yield* append
      const whenAppended = Math.max(...progress)
      yield* Fiber.joinAll(readers)
      assert.isAbove(behind[0] ?? 0, 30)
      assert.isBelow(whenAppended, 30)
    }))

  it.effect("when the worker has died, everything is answered as unavailable", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const { log, thread } = yield* LogSqlite.open({ directory, lanes: 1 })
      const waiting = yield* Effect.forkChild(log.append("flow", 0, [{ key: "k", value: megabyte }]), {
        startImmediately: true
      })
      yield* thread.kill
      assert.strictEqual((yield* Effect.flip(Fiber.join(waiting)))._tag, "LogUnavailable")
      assert.strictEqual(
        (yield* Effect.flip(log.append("flow", 0, [{ key: "k", value: null }])))._tag,
        "LogUnavailable"
      )
      assert.strictEqual((yield* Effect.flip(log.offsetAt("flow", 0, 0)))._tag, "LogUnavailable")
      assert.strictEqual((yield* Effect.flip(thread.ended))._tag, "LogEnded")
    }))
})

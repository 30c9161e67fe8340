/** The real spool on a real folder: what comes back must be what was put in, whoever writes at the same time. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Latch } from "effect"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Budget } from "../src/gather/Budget.ts"
import { Pages } from "../src/gather/Pages.ts"
import { Window } from "../src/gather/Window.ts"
import { Spool } from "../src/index.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "spool-"))),
  (made) => Effect.promise(() => rm(made, { recursive: true, force: true }))
)

const frameBytes = 64 * 1024
const frames = Array.from({ length: 24 }, (_, index) => new Uint8Array(frameBytes - 7 * index).fill(index + 1))

const all = { concurrency: "unbounded" } as const

describe("Spool", () => {
  it.effect("keeps frames apart that are appended at the same time", () =>
    Effect.gen(function*() {
      const spool = yield* Effect.provide(Spool, Spool.layer(yield* folder))
      const file = yield* spool.open
      const places = yield* Effect.forEach(frames, (frame) =>
        file.append([frame.subarray(0, 99), frame.subarray(99)]), all)
      const read = frames.map(({ length }) =>
        new Uint8Array(length)
      )
      yield* Effect.forEach(read, (frame, index) => file.read(places[index] ?? -1, frame), all)
      assert.deepStrictEqual(read, frames)
    }))

  it.effect("gives back an object that several have spilled at the same time, and leaves no file", () =>
    Effect.gen(function*() {
      const place = yield* folder
      const spool = yield* Effect.provide(Spool, Spool.layer(place))
      const window = new Window({
        from: 0,
        codec: "none",
        rules: null,
        windows: new Set(),
        pages: new Pages(frameBytes),
        budget: new Budget(1e9),
        cut: (cut, frame) => cut.framed(frame, (frame.raw ?? new Uint8Array()).slice())
      })
      for (const frame of frames) window.append(frame, 0, frame.length)
      window.finish()
      const whole = (yield* window.body).slice()
      yield* window.spill(spool.open, frameBytes * 10)
      assert.isAtMost(window.inMemoryBytes, frameBytes * 10)
      assert.deepStrictEqual(yield* window.body, whole)
      yield* Effect.forEach([1, 2, 3], () => window.spill(spool.open, 0), all)
      assert.strictEqual(window.inMemoryBytes, 0)
      assert.deepStrictEqual(yield* window.body, whole)
      yield* window.release
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(place)), [])
    }))

  it.effect("leaves no file of a window that is given up while it is spilled", () =>
    Effect.gen(function*() {
      const place = yield* folder
      const spool = yield* Effect.provide(Spool, Spool.layer(place))
      const begun = Latch.makeUnsafe()
      const slow = Effect.map(spool.open, (file) => ({
        ...file,
        append: (parts: ReadonlyArray<Uint8Array>) =>
          Effect.andThen(begun.open, Effect.andThen(Effect.yieldNow, file.append(parts)))
      }))
      const window = new Window({
        from: 0,
        codec: "none",
        rules: null,
        windows: new Set(),
        pages: new Pages(frameBytes),
        budget: new Budget(1e9),
        cut: (cut, frame) => cut.framed(frame, (frame.raw ?? new Uint8Array()).slice())
      })
      for (const frame of frames) window.append(frame, 0, frame.length)
      const giveUp = Effect.andThen(begun.await, window.release)
      yield* Effect.all([window.spill(slow, 0), giveUp], all)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(place)), [])
    }))
})

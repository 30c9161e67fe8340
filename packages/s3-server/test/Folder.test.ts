// The folder by itself: one winner, nothing half done, files that a person can read.
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { Folder } from "../src/Folder.ts"
import type { ObjectRecord } from "../src/ObjectRecord.ts"

const temporary = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "s3-folder-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

const place = (key: string) => ({ bucket: "logs", key })

const put = Effect.fnUntraced(
  function*(folder: Folder, key: string, ...[text, onlyIfAbsent = true]: [string, boolean?]) {
    const staged = yield* folder.stage(Readable.from([Buffer.from(text)]))
    const record: ObjectRecord = {
      key,
      size: staged.size,
      etag: staged.md5.toString("hex"),
      contentType: "text/plain",
      contentEncoding: null,
      metadata: { text }
    }
    yield* folder.store(place(key), { staged, record, onlyIfAbsent })
  },
  Effect.scoped
)

const opened = Effect.gen(function*() {
  const root = yield* temporary
  const folder = yield* Folder.open(root)
  yield* folder.createBucket("logs")
  return { root, folder }
})

const names = (path: string) => Effect.promise(() => readdir(path, { recursive: true }))

describe("Folder", () => {
  it.live("twenty racing writers: one wins, and its metadata with it", () =>
    Effect.gen(function*() {
      const { folder, root } = yield* opened
      const results = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, i) => `writer ${i}`),
        (text) => put(folder, "a/b.json", text).pipe(Effect.match({ onSuccess: () => text, onFailure: (e) => e.code })),
        { concurrency: "unbounded" }
      )
      const winners = results.filter((result) => result.startsWith("writer"))
      assert.strictEqual(winners.length, 1)
      assert.strictEqual(results.filter((result) => result === "PreconditionFailed").length, 19)
      const { record } = yield* folder.read(place("a/b.json"))
      assert.deepStrictEqual(record.metadata, { text: winners[0] ?? "" })
      assert.strictEqual(yield* Effect.promise(() => readFile(join(root, "logs/a/b.json"), "utf8")), winners[0])
      assert.deepStrictEqual(yield* names(join(root, ".s3/staged")), [])
      assert.strictEqual((yield* names(join(root, ".s3/records"))).length, 1)
    }))

  it.live("an overwrite replaces bytes and metadata in one step", () =>
    Effect.gen(function*() {
      const { folder } = yield* opened
      yield* put(folder, "k", "one", false)
      const before = yield* folder.read(place("k"))
      yield* put(folder, "k", "second", false)
      assert.strictEqual(yield* Effect.promise(() => before.file.readFile("utf8")), "one")
      assert.deepStrictEqual((yield* folder.read(place("k"))).record.metadata, { text: "second" })
    }))

  it.live("a broken upload leaves nothing", () =>
    Effect.gen(function*() {
      const { folder, root } = yield* opened
      const broken = Readable.from((function*() {
        yield Buffer.from("half")
        throw Object.assign(new Error("cut"), { code: "ECONNRESET" })
      })())
      const error = yield* Effect.flip(Effect.scoped(folder.stage(broken)))
      assert.strictEqual(error.code, "IncompleteBody")
      assert.deepStrictEqual(yield* names(join(root, ".s3/staged")), [])
      assert.deepStrictEqual(yield* names(join(root, "logs")), [])
    }))

  it.live("what a killed process left half done is thrown away, objects stay", () =>
    Effect.gen(function*() {
      const { folder, root } = yield* opened
      yield* put(folder, "k", "kept")
      yield* Effect.promise(() => writeFile(join(root, ".s3/staged/dead"), "half"))
      const again = yield* Folder.open(root)
      assert.deepStrictEqual(yield* names(join(root, ".s3/staged")), [])
      assert.deepStrictEqual((yield* again.read(place("k"))).record.metadata, { text: "kept" })
    }))

  it.live("a key is an object or a folder, never both", () =>
    Effect.gen(function*() {
      const { folder } = yield* opened
      yield* put(folder, "a/b", "x")
      for (const onlyIfAbsent of [true, false]) {
        assert.strictEqual((yield* Effect.flip(put(folder, "a", "x", onlyIfAbsent))).code, "ObjectIsFolder")
        assert.strictEqual((yield* Effect.flip(put(folder, "a/b/c", "x", onlyIfAbsent))).code, "ObjectIsFolder")
      }
      assert.strictEqual((yield* Effect.flip(folder.read(place("a")))).code, "NoSuchKey")
      assert.strictEqual((yield* Effect.flip(folder.read(place("a/b/c")))).code, "NoSuchKey")
    }))

  it.live("removes an object with the folders that are empty then, and nothing else", () =>
    Effect.gen(function*() {
      const { folder, root } = yield* opened
      yield* put(folder, "a/b/c", "x")
      yield* put(folder, "a/d", "x")
      yield* folder.remove(place("a/b/c"))
      yield* folder.remove(place("a/b/c"))
      yield* folder.remove(place("a"))
      assert.deepStrictEqual((yield* names(join(root, "logs"))).toSorted(), ["a", "a/d"])
    }))

  it.live("lists keys below a prefix in the order of bytes", () =>
    Effect.gen(function*() {
      const { folder, root } = yield* opened
      yield* Effect.forEach(["b/2", "b/1", "b-1", "a", "bä", "c/d/e"], (key) => put(folder, key, "x"))
      yield* Effect.promise(() => mkdir(join(root, "logs/empty")))
      assert.deepStrictEqual(yield* folder.keys("logs", ""), ["a", "b-1", "b/1", "b/2", "bä", "c/d/e"])
      assert.deepStrictEqual(yield* folder.keys("logs", "b"), ["b-1", "b/1", "b/2", "bä"])
      assert.deepStrictEqual(yield* folder.keys("logs", "c/d"), ["c/d/e"])
      assert.deepStrictEqual(yield* folder.keys("logs", "no/such"), [])
    }))

  it.live("a file that nobody uploaded is an object without metadata", () =>
    Effect.gen(function*() {
      const { folder, root } = yield* opened
      yield* Effect.promise(() => writeFile(join(root, "logs/by-hand"), "hello"))
      const { record } = yield* folder.read(place("by-hand"))
      assert.deepStrictEqual([record.size, record.metadata], [5, {}])
    }))
})

import { assert, describe, it } from "@effect/vitest"
import { topics } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect } from "effect"
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { openDatabase, pragmaNumber } from "../src/worker/OpenDatabase.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

const entry = { key: "k", value: new TextEncoder().encode("{}") }

const open = (directory: string, lanes = 2) => LogSqlite.open({ directory, lanes })

const openOnce = (directory: string, lanes = 2) =>
  Effect.scoped(Effect.flatMap(open(directory, lanes), ({ log }) => log.append("control", 0, [entry])))

const refusalOf = (directory: string, lanes = 2) => Effect.flip(Effect.scoped(open(directory, lanes)))

const damages: ReadonlyArray<readonly [string, (file: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>]> = [
  ["with a broken first page", (file) => Buffer.concat([Buffer.alloc(100, "x"), file.subarray(100)])],
  ["with a broken second half", (file) => Buffer.from(file).fill(0xff, file.length / 2)],
  ["that is cut short", (file) => Buffer.from(file.subarray(0, 3 * 16_384))],
  ["of text", () => Buffer.from("this is not a database\n".repeat(2_000))]
]

describe("opening the embedded log", () => {
  it.effect("the settings that make an answer durable are really set, also when opened again", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      for (let round = 0; round < 2; round++) {
        const { close, db } = openDatabase({ directory, topics, lanes: 2, maxFileBytes: undefined })
        const names = ["synchronous", "page_size", "auto_vacuum", "wal_autocheckpoint", "user_version", "secure_delete"]
        assert.deepStrictEqual(names.map((name) => pragmaNumber(db, name)), [2, 16_384, 2, 1_024, 1, 0])
        assert.deepStrictEqual(db.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal")
        close()
      }
    }))

  it.effect("a directory that is absent is made, with its parents", () =>
    Effect.gen(function*() {
      const directory = join(yield* temporaryDirectory, "a", "b")
      yield* openOnce(directory)
      assert.isTrue(existsSync(join(directory, "log.sqlite")))
    }))

  it.effect("a second log on the same data is refused while the first is open, not afterwards", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* Effect.scoped(Effect.gen(function*() {
        yield* open(directory)
        const refused = yield* refusalOf(directory)
        assert.strictEqual(refused._tag, "DataInUse")
        assert.strictEqual(refused.message, `the data in ${directory} is in use by another process`)
      }))
      yield* openOnce(directory)
    }))

  it.effect("another number of lanes is refused with both numbers", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* openOnce(directory)
      const { message } = yield* refusalOf(directory, 3)
      assert.include(message, "it was made with 2 lanes, the settings say 3")
    }))

  it.effect("a newer format is refused", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      yield* openOnce(directory)
      const db = new DatabaseSync(join(directory, "log.sqlite"))
      db.exec("PRAGMA user_version = 2")
      db.close()
      assert.include((yield* refusalOf(directory)).message, "its format 2 is newer than this release knows (1)")
    }))

  it.effect("somebody else's database is refused", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const db = new DatabaseSync(join(directory, "log.sqlite"))
      db.exec("CREATE TABLE theirs(a)")
      db.close()
      assert.include((yield* refusalOf(directory)).message, "log.sqlite is not a log of Tailrace")
    }))

  for (const [damage, change] of damages) {
    it.effect(`a file ${damage} is refused as damaged, and left as it is`, () =>
      Effect.gen(function*() {
        const directory = yield* temporaryDirectory
        yield* openOnce(directory)
        const file = join(directory, "log.sqlite")
        const damaged = change(readFileSync(file))
        writeFileSync(file, damaged)
        const refused = yield* refusalOf(directory)
        assert.strictEqual(refused._tag, "DataUnusable")
        assert.match(refused.message, /cannot be used: the log file is damaged/)
        assert.isTrue(readFileSync(file).equals(damaged))
      }))
  }

  it.effect("a path that is a file is refused", () =>
    Effect.gen(function*() {
      const path = join(yield* temporaryDirectory, "file")
      writeFileSync(path, "")
      assert.strictEqual((yield* refusalOf(join(path, "data")))._tag, "DataUnusable")
    }))

  it.effect("data that cannot be opened for writing is refused", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      if (process.getuid?.() === 0) {
        // Permissions do not hold back root; a directory in the file's place does.
        mkdirSync(join(directory, "log.sqlite"))
      } else {
        chmodSync(directory, 0o500)
        yield* Effect.addFinalizer(() => Effect.sync(() => chmodSync(directory, 0o700)))
      }
      assert.include((yield* refusalOf(directory)).message, "cannot be used: it cannot be written")
      assert.strictEqual((yield* refusalOf(directory))._tag, "DataUnusable")
    }))
})

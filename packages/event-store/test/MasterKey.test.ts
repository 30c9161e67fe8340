import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted, Result } from "effect"
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { masterKeyFile, parseMasterKey } from "../src/index.ts"

const bytes = Uint8Array.from({ length: 32 }, (_, index) => index)
const base64 = Buffer.from(bytes).toString("base64")

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "tailrace-key-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("MasterKey", () => {
  it.each([
    ["base64", base64],
    ["base64 without padding", base64.replace("=", "")],
    ["base64 with a newline", `${base64}\n`],
    ["hex", Buffer.from(bytes).toString("hex")],
    ["hex in capitals", Buffer.from(bytes).toString("hex").toUpperCase()]
  ])("%s is taken", (_, text) => {
    const parsed = Result.getOrThrow(parseMasterKey(Redacted.make(text)))
    assert.deepStrictEqual(Redacted.value(parsed), bytes)
  })

  it.each(["", "short", base64.slice(4), `${base64}AAAA`, "g".repeat(64), `${"a".repeat(42)}!=`])(
    "%j is refused without being quoted",
    (text) => {
      const parsed = parseMasterKey(Redacted.make(text))
      assert.isTrue(Result.isFailure(parsed))
      if (text !== "" && Result.isFailure(parsed)) assert.notInclude(parsed.failure.message, text)
    }
  )

  it.effect("the file is made once, for the owner alone, and read again", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "master.key")
      const made = yield* masterKeyFile(path)
      assert.strictEqual(statSync(path).mode & 0o777, 0o600)
      assert.deepStrictEqual(readdirSync(join(path, "..")), ["master.key"])
      assert.deepStrictEqual(Redacted.value(yield* masterKeyFile(path)), Redacted.value(made))
    }))

  it.effect("a file that others may read, a broken one and a missing folder are one clear line", () =>
    Effect.gen(function*() {
      const path = join(yield* folder, "master.key")
      yield* masterKeyFile(path)
      chmodSync(path, 0o644)
      assert.include((yield* Effect.flip(masterKeyFile(path))).message, "0600")
      chmodSync(path, 0o600)
      writeFileSync(path, "nonsense")
      assert.include((yield* Effect.flip(masterKeyFile(path))).message, "32 bytes")
      assert.include((yield* Effect.flip(masterKeyFile(join(path, "x", "y")))).message, "master.key")
    }))
})

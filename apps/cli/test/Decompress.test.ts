// Objects of several frames or members come out whole; damaged ones are said to be damaged.
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { decompressed } from "../src/Decompress.ts"

const contentOf = (bytes: Uint8Array) =>
  decompressed(bytes).pipe(Stream.runCollect, Effect.map((parts) => Buffer.concat(parts).toString("utf8")))

const parts = ["{\"a\":1}\n", "{\"b\":2}\n".repeat(100_000), "{\"c\":3}\n"]
const compressed = {
  zstd: parts.map((part) => zstdCompressSync(part)),
  gzip: parts.map((part) => gzipSync(part)),
  none: parts.map((part) => Buffer.from(part))
}

describe("decompressed", () => {
  for (const [codec, frames] of Object.entries(compressed)) {
    it.effect(codec, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* contentOf(Buffer.concat(frames)), parts.join(""))
      }))
  }

  for (const codec of ["zstd", "gzip"] as const) {
    it.effect(`${codec}, cut off`, () =>
      Effect.gen(function*() {
        const whole = Buffer.concat(compressed[codec])
        const error = yield* Effect.flip(contentOf(whole.subarray(0, whole.length - 5)))
        assert.match(error.message, /cut off or damaged/)
      }))
  }
})

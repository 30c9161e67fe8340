import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { constants, gzipSync, zstdCompressSync } from "node:zlib"
import { codingOf, decompress } from "../src/http/ContentCoding.ts"
import { BodyTooLarge } from "../src/http/RequestFault.ts"

const lines = Buffer.from("{\"a\":1}\n".repeat(300_000))
const pack = { gzip: gzipSync, zstd: zstdCompressSync } as const

const unpack = (coding: "gzip" | "zstd", compressed: Uint8Array) => {
  const pieces: Array<Uint8Array> = []
  return decompress(coding, compressed, (piece) => Effect.sync(() => void pieces.push(piece))).pipe(
    Effect.map(() => Buffer.concat(pieces))
  )
}

describe("ContentCoding", () => {
  it.effect.each(["gzip", "zstd"] as const)(
    "unpacks %s, one frame or many, small and large",
    (coding) =>
      Effect.gen(function*() {
        const one = pack[coding](lines)
        const small = pack[coding](Buffer.from("x"))
        const empty = pack[coding](Buffer.alloc(0))
        assert.deepStrictEqual(yield* unpack(coding, one), lines)
        assert.deepStrictEqual(
          yield* unpack(coding, Buffer.concat([small, one, empty, small])),
          Buffer.concat([Buffer.from("x"), lines, Buffer.from("x")])
        )
        assert.strictEqual((yield* unpack(coding, Buffer.alloc(0))).length, 0)
      })
  )

  it.effect.each(["gzip", "zstd"] as const)(
    "refuses %s with something else behind it",
    (coding) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(unpack(coding, Buffer.concat([pack[coding](lines), Buffer.from("rest")])))
        assert.strictEqual(error.message, `the body cannot be read: not ${coding}`)
      })
  )

  it.effect("refuses more frames than anybody needs", () =>
    Effect.gen(function*() {
      const frame = zstdCompressSync(Buffer.from("x"))
      const many = Buffer.concat(Array.from({ length: 1025 }, () => frame))
      const error = yield* Effect.flip(unpack("zstd", many))
      assert.strictEqual(error.message, "the body cannot be read: more than 1024 zstd frames")
      assert.strictEqual((yield* unpack("zstd", many.subarray(frame.length))).length, 1024)
    }))

  it.effect("refuses a zstd window that would take more memory than the body may", () =>
    Effect.gen(function*() {
      const params = { [constants.ZSTD_c_windowLog]: 27, [constants.ZSTD_c_enableLongDistanceMatching]: 1 }
      const random = Buffer.alloc(20_000_000, "abcdefghijk")
      const error = yield* Effect.flip(unpack("zstd", zstdCompressSync(random, { params })))
      assert.strictEqual(error.message, "the body cannot be read: not zstd")
    }))

  it.effect("stops a bomb at the piece that is too much", () =>
    Effect.gen(function*() {
      const bomb = zstdCompressSync(Buffer.alloc(100_000_000))
      assert.isBelow(bomb.length, 20_000)
      let bytes = 0
      const error = yield* Effect.flip(decompress("zstd", bomb, (piece) => {
        bytes += piece.length
        return bytes > 4_000_000 ? Effect.fail(new BodyTooLarge({ maxBytes: 4_000_000 })) : Effect.void
      }))
      assert.strictEqual(error._tag, "BodyTooLarge")
      assert.isBelow(bytes, 6_000_000)
    }))

  it.effect("knows the codings by name", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* codingOf(undefined), "identity")
      assert.strictEqual(yield* codingOf(" GZIP "), "gzip")
      assert.strictEqual((yield* Effect.flip(codingOf("gzip, zstd"))).encoding, "gzip, zstd")
    }))
})

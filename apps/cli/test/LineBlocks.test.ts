// However the input is cut into pieces, the same lines come out, whole and in order.
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Stream } from "effect"
import { lineBlocks } from "../src/LineBlocks.ts"

const blocksOf = (pieces: ReadonlyArray<string>) =>
  lineBlocks(Stream.fromIterable(pieces.map((piece) => Buffer.from(piece)))).pipe(Stream.runCollect)

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8")

describe("lineBlocks", () => {
  it.effect("cuts at the last newline and carries the rest", () =>
    Effect.gen(function*() {
      const blocks = yield* blocksOf(["a\nb", "c\nd", "\ne"])
      assert.deepStrictEqual(blocks.map(({ bytes, firstLine, lines }) => [textOf(bytes), lines, firstLine]), [
        ["a\n", 1, 1],
        ["bc\n", 1, 2],
        ["d\n", 1, 3],
        ["e\n", 1, 4]
      ])
    }))

  it.effect("a line over 1 MiB is refused, with its number", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(blocksOf(["{}\n", "x".repeat(2 ** 20), "y".repeat(8_192)]))
      assert.strictEqual(error.message, "line 2 is over 1 MiB: is the input NDJSON?")
    }))

  it.effect.prop(
    "any cutting",
    [Schema.Array(Schema.Literals(["", "a", "\n", "bb\n", "\n\n", "ü"]))],
    ([pieces]) =>
      Effect.gen(function*() {
        const blocks = yield* blocksOf(pieces)
        const whole = pieces.join("")
        const expected = whole === "" || whole.endsWith("\n") ? whole : `${whole}\n`
        assert.strictEqual(blocks.map(({ bytes }) => textOf(bytes)).join(""), expected)
        assert.isTrue(blocks.every(({ bytes }) => textOf(bytes).endsWith("\n")))
        let line = 1
        for (const block of blocks) {
          assert.strictEqual(block.firstLine, line)
          assert.strictEqual(block.lines, textOf(block.bytes).split("\n").length - 1)
          line += block.lines
        }
      })
  )
})

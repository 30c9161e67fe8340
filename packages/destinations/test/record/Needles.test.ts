// Property: no record that has such a member is missed, in whatever order records are asked for.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Needles } from "../../src/record/Needles.ts"

const pieces = fc.constantFrom("\"name\"", "\"other\"", "\\u006e", "name", "\"nam", "e\"", "x".repeat(70_000), "")

/** Searching one record alone, and naively. */
const expected = (text: string) => ["\"name\"", "\"other\"", "\\u"].some((needle) => text.includes(needle))

const placesOf = (texts: ReadonlyArray<string>) => {
  let at = 0
  return texts.map((text) => {
    const start = at
    at += text.length + 1
    return { start, end: start + text.length, text }
  })
}

describe("records one behind the other", () => {
  const needles = new Needles(["name", "other"])

  it("asked for in any order, in one batch after another", () =>
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 12 }), fc.nat(), (texts, seed) => {
        const places = placesOf(texts)
        needles.search(Buffer.from(texts.join("#")))
        const order = seed % 3 === 0 ? places.toReversed() : seed % 3 === 1 ? places : [...places, ...places]
        for (const { end, start, text } of order) {
          // A piece of the record behind may begin within this one: then it may be called one that has such a member.
          if (expected(text)) assert.isTrue(needles.mayHave(start, end), text)
          else if (!expected(texts.join("#"))) assert.isFalse(needles.mayHave(start, end))
        }
      }),
      { numRuns: 300 }
    ))

  it("in front of one that was found", () => {
    const bytes = Buffer.from(`{"name":1}{"a":2}{"name":3}`)
    needles.search(bytes)
    const asked = [[10, 17], [17, 27], [0, 10], [10, 17]] as const
    assert.deepStrictEqual(asked.map(([start, end]) => needles.mayHave(start, end)), [false, true, true, false])
  })
})

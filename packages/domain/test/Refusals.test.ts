import { assert, describe, it } from "@effect/vitest"
import { judgeRefusals, noRefusals, notRefused, type Refusals } from "../src/index.ts"

const range = (count: number, step = 1) => Array.from({ length: count }, (_, index) => index * step)

/** Outcomes of requests of `count` records each, of which those at `refused` were refused. */
const after = (...requests: ReadonlyArray<readonly [count: number, refused: ReadonlyArray<number>]>) => {
  let refusals: Refusals = noRefusals
  let tooMany: string | null = null
  for (const [count, refused] of requests) {
    const judged = judgeRefusals(refusals, count, refused)
    refusals = judged.refusals
    tooMany = judged.tooMany
  }
  return { refusals, tooMany }
}

describe("refusals", () => {
  it.each(
    [
      ["none", [[1000, []]], null],
      ["one alone", [[1, [0]]], null],
      ["20 in a row", [[20, range(20)]], null],
      ["21 in a row", [[21, range(21)]], /more than 20 records in a row/],
      ["21 in a row, over two requests", [[100, range(10).map((n) => n + 90)], [11, range(11)]], /in a row/],
      [
        "20 in a row, then one that is taken, then 20 more",
        [[41, [...range(20), ...range(20).map((n) => n + 21)]]],
        null
      ],
      ["50 of 1,000", [[1000, range(50, 20)]], null],
      ["51 of 1,000", [[1000, range(51, 19)]], /more than 50 of the last 1000/],
      ["51 of fewer than 1,000", [[102, range(51, 2)]], /more than 50 of the last 1000/],
      ["51, of which the first is over 1,000 records ago", [[1, [0]], [1000, []], [1000, range(50, 20)]], null],
      ["50 again and again, 1,000 apart", [[1000, range(50, 20)], [1000, []], [1000, range(50, 20)]], null]
    ] satisfies ReadonlyArray<
      readonly [string, ReadonlyArray<readonly [number, ReadonlyArray<number>]>, RegExp | null]
    >
  )("%s", (_, requests, expected) => {
    const { tooMany } = after(...requests)
    if (expected === null) assert.isNull(tooMany)
    else assert.match(tooMany ?? "", expected)
  })

  it("after too many it is strict, until something is delivered", () => {
    const { refusals } = after([21, range(21)])
    assert.isTrue(refusals.strict)
    assert.isTrue(notRefused(refusals, 0).strict)
    assert.isFalse(notRefused(refusals, 1).strict)
    assert.isFalse(judgeRefusals(refusals, 10, [1]).refusals.strict)
  })
})

import { assert, describe, it } from "@effect/vitest"
import { accepted, fewer, type InFlight, oneInFlight } from "../src/receiving/InFlight.ts"

/** `count` answers, each after `millis`. */
const answers = (state: InFlight, count: number, millis: number): InFlight =>
  Array.from({ length: count }).reduce<InFlight>((present) => accepted(present, millis, 8), state)

describe("requests in flight", () => {
  it("one more after each round, up to what the destination takes", () => {
    const limits = [1, 3, 6, 10, 15, 100].map((count) => answers(oneInFlight, count, 50).limit)
    assert.deepStrictEqual(limits, [2, 3, 4, 5, 6, 8])
  })

  it("half after a failure or a wish for less, never none", () => {
    const eight = answers(oneInFlight, 100, 50)
    assert.deepStrictEqual([fewer(eight).limit, fewer(fewer(eight)).limit, fewer(oneInFlight).limit], [4, 2, 1])
  })

  it("no more while answers take longer", () => {
    const four = answers(oneInFlight, 6, 50)
    assert.strictEqual(answers(four, 4, 120).limit, 4)
  })

  it("half when they queue up", () => {
    const eight = answers(oneInFlight, 100, 50)
    assert.strictEqual(answers(eight, 8, 400).limit, 4)
  })

  it("one slow answer of a round that is fast otherwise changes nothing", () => {
    const four = answers(oneInFlight, 6, 50)
    assert.strictEqual(accepted(answers(four, 3, 50), 100, 8).limit, 5)
  })

  it("a destination that is slow for good is used as fully as before", () => {
    const eight = answers(oneInFlight, 100, 50)
    assert.strictEqual(answers(eight, 2000, 300).limit, 8)
  })

  it("a destination that takes fewer now is sent fewer", () => {
    const eight = answers(oneInFlight, 100, 50)
    assert.strictEqual(accepted(answers(eight, 7, 50), 50, 2).limit, 2)
  })
})

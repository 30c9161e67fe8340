import { assert, describe, it } from "@effect/vitest"
import { Pace } from "../../src/wire/Pace.ts"

const name = "flow/3"

/** Doubts as soon as it is allowed to, and says how long each time that took. */
const waits = (pace: Pace, times: number): ReadonlyArray<number> => {
  let now = 0
  return Array.from({ length: times }, (_, index) => {
    pace.doubt({ name, next: index + 2, now })
    const wait = pace.waitMillis(name, now)
    now += wait
    return wait
  })
}

describe("Pace", () => {
  it("lets the first doubt be settled at once and each that follows later, up to two seconds", () => {
    assert.deepStrictEqual(waits(new Pace(), 8), [0, 100, 200, 400, 800, 1_600, 2_000, 2_000])
  })

  it("many doubts before the next asking are one", () => {
    const pace = new Pace()
    for (let now = 0; now < 50; now += 1) pace.doubt({ name, next: 2, now })
    assert.strictEqual(pace.waitMillis(name, 50), 0)
    assert.strictEqual(pace.needs(name), 2)
  })

  it("what was undoubted for a while is not held against it, nor what is doubted of others", () => {
    const pace = new Pace()
    waits(pace, 5)
    pace.doubt({ name, next: 9, now: 60_000 })
    assert.strictEqual(pace.waitMillis(name, 60_000), 0)
    assert.strictEqual(pace.needs("flow/4"), 1)
    assert.strictEqual(pace.waitMillis("flow/4", 60_000), 0)
  })
})

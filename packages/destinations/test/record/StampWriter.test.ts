// Property: times are written as Date writes them, whatever was written before.
import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { StampWriter } from "../../src/record/StampWriter.ts"
import { lastMillis } from "../../src/record/TimeText.ts"

const near = fc.integer({ min: -100_000_000, max: 100_000_000 }).map((by) => Date.UTC(2026, 5, 3) + by)

it("as Date does", () => {
  const stamps = new StampWriter()
  const into = Buffer.alloc(28)
  fc.assert(
    fc.property(fc.oneof(near, fc.integer({ min: 0, max: lastMillis })), (millis) => {
      assert.strictEqual(stamps.write(into, 1, millis), 27)
      assert.strictEqual(into.toString("latin1", 1, 27), JSON.stringify(new Date(millis)))
    }),
    { numRuns: 5_000 }
  )
})

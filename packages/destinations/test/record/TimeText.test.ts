// Property: times are written as others write them, into as many bytes as announced.
import { assert, it } from "@effect/vitest"
import * as fc from "fast-check"
import { lastMillis, secondsBytes, timestampBytes, writeSeconds, writeTimestamp } from "../../src/record/TimeText.ts"

const millis = fc.oneof(
  fc.integer({ min: 0, max: lastMillis }),
  fc.constantFrom(0, 999, 1_000, 9_999, 10_000, 999_999, 1_780_500_776_773, lastMillis)
)

it("seconds", () =>
  fc.assert(fc.property(millis, (value) => {
    const into = Buffer.alloc(40)
    const end = writeSeconds(into, 3, value)
    assert.strictEqual(end - 3, secondsBytes(value))
    const whole = `${BigInt(value) / 1_000n}`
    assert.strictEqual(into.toString("latin1", 3, end), `${whole}.${`${value % 1_000}`.padStart(3, "0")}`)
  })))

it("timestamps", () =>
  fc.assert(fc.property(millis, (value) => {
    const into = Buffer.alloc(40)
    assert.strictEqual(writeTimestamp(into, 3, value), 3 + timestampBytes)
    assert.strictEqual(into.toString("latin1", 3, 3 + timestampBytes), JSON.stringify(new Date(value)))
  })))

import { assert, describe, it } from "@effect/vitest"
import { isTimestamp, millisOfEpochSeconds, quotedTime } from "../src/record/Timestamp.ts"

const accepted = (text: string) => {
  const bytes = Buffer.from(`xx${text}yy`)
  return isTimestamp(bytes, 2, bytes.length - 2)
}

describe("Timestamp", () => {
  it.each([
    "\"2026-06-03T15:33:01.552946176Z\"",
    "\"2026-06-03T15:33:01Z\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"2026-06-03T15:33:60.1+02:00\""
  ])("takes %s", (text) => assert.isTrue(accepted(text)))

  it.each([
    "\"2026-06-03 15:33:01\"",
    "\"2026-06-03T15:33:01\"",
    "\"2026-06-03T15:33:01.Z\"",
    "\"2026-06-03T15:33:01.1234567890Z\"",
    "\"2026-06-03T35:33:01Z\"",
    "\"\"",
    "1780500776",
    "null"
  ])("refuses %s", (text) => assert.isFalse(accepted(text)))

  it.each([
    ["1780500887.356", 1_780_500_887_356],
    ["\"1780500887.356\"", 1_780_500_887_356],
    ["1.780500887356e9", 1_780_500_887_356],
    ["0", 0],
    ["-1", undefined],
    ["1e30", undefined],
    ["\"\"", undefined],
    ["\"now\"", undefined],
    ["null", undefined],
    ["true", undefined],
    ["[1]", undefined]
  ])("reads %s as HEC's time", (text, millis) => assert.strictEqual(millisOfEpochSeconds(text), millis))

  it("writes times as records have them", () => {
    assert.strictEqual(quotedTime(1_780_500_887_356).toString(), "\"2026-06-03T15:34:47.356Z\"")
  })
})

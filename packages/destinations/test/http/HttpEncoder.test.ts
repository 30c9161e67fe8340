// Records go out byte for byte, in both formats, until a request is full.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { httpEncoder } from "../../src/http/HttpEncoder.ts"
import { httpLimits } from "../../src/http/HttpLimits.ts"
import { encodeTexts, flowRecord, recordsWith } from "./encoding.ts"

const { requestBytes } = httpLimits
const encode = (format: "ndjson" | "json", texts: ReadonlyArray<string>) =>
  encodeTexts(httpEncoder(format), texts, { requestBytes, nowMillis: 0 })

const records = fc.array(recordsWith(["logged"]), { minLength: 1, maxLength: 8 })

describe("formats", () => {
  it("ndjson: one a line", () =>
    fc.assert(fc.property(records, (texts) => {
      const { taken, text } = encode("ndjson", texts)
      assert.strictEqual(text, texts.map((one) => `${one}\n`).join(""))
      assert.strictEqual(taken, texts.length)
    })))

  it("json: one array", () =>
    fc.assert(fc.property(records, (texts) => {
      assert.strictEqual(encode("json", texts).text, `[${texts.join(",")}]`)
    })))
})

describe.each(["ndjson", "json"] as const)("one request in %s", (format) => {
  const large = flowRecord("2026-06-03T15:33:01Z", "x".repeat(300_000))

  it("is full at 1 MB", () => {
    const { bytes, taken } = encode(format, Array.from({ length: 5 }, () => large))
    assert.deepStrictEqual([taken, bytes <= 1_000_000], [3, true])
  })

  it("takes the largest record of the log alone", () => {
    const largest = flowRecord(
      "2026-06-03T15:33:01Z",
      "x".repeat(1_048_576 - flowRecord("2026-06-03T15:33:01Z").length)
    )
    assert.strictEqual(largest.length, 1_048_576)
    const { refused, taken } = encode(format, [largest, largest])
    assert.deepStrictEqual([taken, refused], [1, []])
  })

  it("has 5,000 records at most", () => {
    assert.strictEqual(encode(format, Array.from({ length: 6_000 }, () => "{}")).taken, 5_000)
  })
})

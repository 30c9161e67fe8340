import { assert, describe, it } from "@effect/vitest"
import { TailnetName } from "@tailrace/domain"
import * as fc from "fast-check"
import { NdjsonBody } from "../src/ndjson/NdjsonBody.ts"
import { auditRecord, exported, fixture, flowRecord } from "./reference.ts"

const nowMillis = 1_780_500_000_000
const now = new Date(nowMillis).toISOString()

const read = (pieces: Iterable<Uint8Array>) => {
  const body = new NdjsonBody({
    tailnet: TailnetName.make("example.com"),
    nowMillis,
    maxRecordBytes: 1_048_576,
    flowRefusal: undefined,
    only: undefined
  })
  for (const piece of pieces) body.push(piece)
  const refused = body.finish()
  const { configuration, network } = body.intake.entries
  return { refused, records: [...configuration, ...network].map(({ value }) => Buffer.from(value ?? []).toString()) }
}

describe("NdjsonBody", () => {
  it("does not care where the network cuts", () => {
    const sample = fixture("s3_audit_export_real.ndjson").subarray(0, 1200)
    const complete = sample.subarray(0, sample.lastIndexOf("\n"))
    const expected = complete.toString().split("\n")
    for (let at = 0; at <= complete.length; at++) {
      const { records } = read([complete.subarray(0, at), complete.subarray(at)])
      assert.deepStrictEqual(records, expected)
    }
    assert.deepStrictEqual(read(Array.from(complete, (byte) => Uint8Array.of(byte))).records, expected)
  })

  it("writes what parsing and printing would write", () => {
    const record = fc.oneof(flowRecord, auditRecord)
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), fc.constantFrom("\n", "\r\n", "\n \n"), (records, separator) => {
        const body = Buffer.from(records.map((one) => JSON.stringify(one)).join(separator))
        const expected = records.map((one) => exported(one, { recorded: undefined, time: undefined, now }))
        const sorted = [...expected].sort((a, b) => (a.kind ?? "").localeCompare(b.kind ?? ""))
        const result = read([body])
        assert.isUndefined(result.refused)
        assert.deepStrictEqual(result.records, sorted.map(({ record: one }) => JSON.stringify(one)))
      }),
      { numRuns: 300 }
    )
  })

  it("stops at the first line that is refused", () => {
    const { refused } = read([Buffer.from("\n{}\nx\n")])
    assert.strictEqual(refused?.line, 2)
  })
})

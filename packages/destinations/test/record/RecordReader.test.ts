// Property: slices of a record's bytes say what parsing it says.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import path from "node:path"
import { asBuffer, RecordReader, type RecordReading } from "../../src/record/RecordReader.ts"
import { parseRecord } from "./parsedRecord.ts"
import { anyRecords, usualRecords } from "./records.ts"

const otherwise = 77

const readings: ReadonlyArray<RecordReading> = [
  { topic: "flow", without: ["logged"] },
  { topic: "flow", without: [] },
  { topic: "flow", without: ["logged", "type", "x"] },
  { topic: "audit", without: ["logged", "eventTime", "type"] },
  { topic: "audit", without: ["logged"] },
  { topic: "audit", without: [] }
]

/** Found by slices, with other bytes around the record. */
const bySlices = (reader: RecordReader, text: string) => {
  const record = Buffer.from(text)
  const bytes = asBuffer(Buffer.concat([Buffer.from("},{\""), record, Buffer.from("\"},{")]))
  assert.isTrue(reader.read(bytes, 4, 4 + record.length), text)
  const into = Buffer.alloc(record.length + 2, "?")
  const end = reader.copyMembers(into, 1)
  assert.strictEqual(end - 1, reader.membersBytes)
  assert.strictEqual(into[end], 0x3f)
  const logged = reader.loggedFrom < 0 ? undefined : bytes.toString("utf8", reader.loggedFrom, reader.loggedTo)
  return {
    members: JSON.parse(`{${into.toString("utf8", 1, end)}}`),
    logged: logged === undefined ? undefined : JSON.parse(logged),
    millis: reader.millis(otherwise)
  }
}

const agree = (reading: RecordReading, reader: RecordReader, text: string) =>
  assert.deepStrictEqual(bySlices(reader, text), parseRecord(text, reading, otherwise), text)

const fixture = (name: string) =>
  readFileSync(path.join(import.meta.dirname, "../fixtures", name), "utf8").split("\n").filter((line) => line !== "")

const samples = { audit: fixture("s3_audit_export_real.ndjson"), flow: fixture("s3_network_export_synthetic.ndjson") }

describe.each(readings)("$topic without $without", (reading) => {
  const reader = new RecordReader(reading)

  it("the samples", () => {
    assert.isAbove(samples[reading.topic].length, 0)
    for (const text of samples[reading.topic]) agree(reading, reader, text)
  })

  it("records as ingest writes them", () =>
    fc.assert(fc.property(usualRecords(reading.topic), (text) => agree(reading, reader, text)), { numRuns: 200 }))

  it("records of any form", () =>
    fc.assert(fc.property(anyRecords, (text) => agree(reading, reader, text)), { numRuns: 700 }))
})

describe("what is no object", () => {
  const reader = new RecordReader({ topic: "audit", without: ["logged"] })
  it.each([
    "",
    "{",
    "[]",
    "5",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1}}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{\"a\":\"b}",
    "{\"a\":[1}"
  ])(
    "%s",
    (text) => {
      const bytes = Buffer.from(`${text}"}]`)
      assert.isFalse(reader.read(bytes, 0, bytes.length - 3))
    }
  )
})

it("of a name that is repeated the first counts", () => {
  const reader = new RecordReader({ topic: "audit", without: ["logged"] })
  const bytes = Buffer.from("{\"logged\":\"2026-01-01T00:00:00Z\",\"a\":1,\"logged\":5}")
  assert.isTrue(reader.read(bytes, 0, bytes.length))
  const into = Buffer.alloc(100)
  assert.strictEqual(into.toString("utf8", 0, reader.copyMembers(into, 0)), "\"a\":1,\"logged\":5")
  assert.strictEqual(reader.millis(0), Date.UTC(2026, 0, 1))
})

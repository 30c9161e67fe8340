// Property: lines made of slices are those made by parsing; and the times of a body that was sent are found again.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { gzipSync } from "node:zlib"
import { axiomEncoder } from "../../src/axiom/AxiomEncoder.ts"
import { axiomLimits } from "../../src/axiom/AxiomLimits.ts"
import { sentTimes } from "../../src/axiom/sentTimes.ts"
import { encodeTexts, flowRecord, recordsWith, samples, usual } from "../http/encoding.ts"
import { parseRecord } from "../record/parsedRecord.ts"

type Topic = "audit" | "flow"

const nowMillis = 1_780_000_000_123
const { requestBytes } = axiomLimits
const encoders = { audit: axiomEncoder("audit"), flow: axiomEncoder("flow") }
const encode = (topic: Topic, texts: ReadonlyArray<string>) =>
  encodeTexts(encoders[topic], texts, { requestBytes, nowMillis })

const agree = (topic: Topic, record: string) => {
  const { refused, text } = encode(topic, [record])
  const { members, millis } = parseRecord(record, { topic, without: ["_time"] }, nowMillis)
  assert.deepStrictEqual(refused, [])
  assert.deepStrictEqual(JSON.parse(text), { _time: new Date(millis).toISOString(), ...members }, record)
  assert.isTrue(text.endsWith("}\n"))
}

describe.each(["audit", "flow"] as const)("%s records: slices and parsing agree", (topic) => {
  it("on the samples", () => {
    for (const record of samples(topic)) agree(topic, record)
  })
  it("on records as ingest writes them", () =>
    fc.assert(fc.property(usual(topic), (record) => agree(topic, record)), { numRuns: 300 }))
  it("on any JSON object", () =>
    fc.assert(fc.property(recordsWith(["_time"]), (record) => agree(topic, record)), { numRuns: 1_000 }))
})

it("the times of a body are found again", () => {
  const times = ["2026-06-03T15:33:01.500Z", "2026-06-03T15:33:02.000Z", "2027-01-01T00:00:00.001Z"]
  const { bytes, text } = encode("flow", times.map((time) => flowRecord(time, "\\\"_time")))
  const body = Buffer.from(text)
  const request = { count: 3, contentBytes: bytes }
  assert.deepStrictEqual(sentTimes({ ...request, codec: "none", body }), times)
  assert.deepStrictEqual(sentTimes({ ...request, codec: "gzip", body: gzipSync(body) }), times)
})

it("one request has 10,000 events at most", () => {
  const { taken } = encode("flow", Array.from({ length: 11_000 }, () => flowRecord("2026-06-03T15:33:01Z")))
  assert.strictEqual(taken, 10_000)
})

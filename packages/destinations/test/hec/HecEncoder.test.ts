// Property: envelopes made of slices are those made by parsing. Samples: what Tailscale sent, byte for byte.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { readFileSync } from "node:fs"
import path from "node:path"
import { envelopeEncoder, lineEnvelope, splunkEnvelope } from "../../src/hec/HecEncoder.ts"
import type { ReceiverLimits } from "../../src/Receiver.ts"
import { parseRecord } from "../record/parsedRecord.ts"
import { anyRecords, usualRecords } from "../record/records.ts"
import { asRecords } from "./asRecords.ts"

type Topic = "audit" | "flow"

const limits: ReceiverLimits = {
  requestBytes: 2_000_000,
  requestRecords: 100,
  recordBytes: 2_000_000,
  inFlight: 1,
  codecs: ["none"]
}
const now = 1_780_000_000_123

const text = (name: string) => readFileSync(path.join(import.meta.dirname, "../fixtures", name), "utf8")
const lines = (name: string) => text(name).split("\n").filter((line) => line !== "")

const encode = (
  topic: Topic,
  texts: ReadonlyArray<string>,
  options: Partial<ReceiverLimits & { bodyBytes: number }> = {}
) => {
  const { bodyBytes = limits.requestBytes } = options
  const encoder = envelopeEncoder({ envelope: splunkEnvelope, topic, limits: { ...limits, ...options }, bodyBytes })
  const into = new Uint8Array(limits.requestBytes)
  const encoded = encoder(asRecords(texts), into, now)
  return { ...encoded, text: Buffer.from(into.subarray(0, encoded.bytes)).toString("utf8") }
}

/** By parsing. */
const envelope = (topic: Topic, record: string) => {
  const without = topic === "audit" ? ["logged", "eventTime", "type"] : ["logged"]
  const { logged, members, millis } = parseRecord(record, { topic, without }, now)
  const fields = logged === undefined ? {} : { fields: { recorded: logged } }
  return { time: millis / 1_000, event: members, ...fields }
}

const agree = (topic: Topic, record: string) => {
  const encoded = encode(topic, [record])
  assert.deepStrictEqual(encoded.refused, [])
  assert.deepStrictEqual(JSON.parse(encoded.text), envelope(topic, record), encoded.text)
  assert.match(encoded.text, /^\{"time":\d+\.\d{3},"event":\{/)
}

describe.each(["audit", "flow"] as const)("%s records: slices and parsing agree", (topic) => {
  it("on the samples", () => {
    const name = topic === "audit" ? "s3_audit_export_real.ndjson" : "s3_network_export_synthetic.ndjson"
    for (const line of lines(name)) agree(topic, line)
  })
  it("on records as ingest writes them", () =>
    fc.assert(fc.property(usualRecords(topic), (record) => agree(topic, record)), { numRuns: 150 }))
  it("on any JSON object", () => fc.assert(fc.property(anyRecords, (record) => agree(topic, record)), { numRuns: 400 }))
})

/** The record in the export form that an envelope was made of. */
const exported = (captured: string) => {
  const { event, fields, time } = JSON.parse(captured)
  const isFlow = "nodeId" in event
  // Of an audit record's time only milliseconds were sent.
  const eventTime = isFlow ? {} : { eventTime: new Date(time * 1_000).toISOString() }
  const type = isFlow ? {} : { type: "CONFIG" }
  return {
    topic: isFlow ? "flow" : "audit",
    record: JSON.stringify({ logged: fields.recorded, ...eventTime, ...event, ...type })
  } as const
}

it("the captured body, byte for byte", () => {
  const captured = text("hec_network_and_audit_body.raw.txt").trim()
  const [flow = "", audit = ""] = captured.split(/(?<=\})(?=\{"time")/)
  assert.strictEqual(exported(flow).topic, "flow")
  const written = [flow, audit].map((one) => {
    const { record, topic } = exported(one)
    return encode(topic, [record]).text
  })
  assert.strictEqual(written.join(""), captured)
})

const record = (id: string, more = "") =>
  `{"logged":"2026-06-03T15:33:01.5Z","nodeId":"${id}","start":"","end":"","x":"${more}"}`

describe("one body", () => {
  const size = encode("flow", [record("a")]).bytes

  it("has nothing between its objects, or a line break", () => {
    assert.include(encode("flow", [record("a"), record("b")]).text, "}}{\"time\":")
    const into = new Uint8Array(1_000)
    const encoder = envelopeEncoder({ envelope: lineEnvelope, topic: "flow", limits, bodyBytes: 1_000 })
    const { bytes } = encoder(asRecords([record("a"), record("b")]), into, now)
    const parts = Buffer.from(into.subarray(0, bytes)).toString().split("\n")
    assert.deepStrictEqual([parts.length, parts[2]], [3, ""])
  })

  it("ends with the last record that fits, and not before the first", () => {
    const texts = [record("a"), record("b"), record("c")]
    assert.strictEqual(encode("flow", texts, { bodyBytes: 2 * size }).taken, 2)
    assert.strictEqual(encode("flow", texts, { bodyBytes: 2 * size - 1 }).taken, 1)
    assert.strictEqual(encode("flow", texts, { bodyBytes: 1 }).taken, 1)
    assert.strictEqual(encode("flow", texts, { requestRecords: 2 }).taken, 2)
  })

  it("is without records that are too long, or none", () => {
    const encoded = encode("flow", [record("a", "long"), record("a"), "[1]", record("b")], { recordBytes: size })
    assert.deepStrictEqual(encoded.refused, [
      { index: 0, reason: `is ${size + 4} bytes, and this service takes at most ${size}` },
      { index: 2, reason: "is not a JSON object" }
    ])
    assert.deepStrictEqual([encoded.taken, encoded.bytes], [4, 2 * size])
  })

  it("may be empty when all are refused", () => {
    const { bytes, refused, taken } = encode("flow", ["[]", "{"])
    assert.deepStrictEqual([bytes, taken, refused.length], [0, 2, 2])
  })
})

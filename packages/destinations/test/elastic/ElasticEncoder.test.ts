// Property: operations made of slices are those made by parsing, and ids follow from where a record lies.
import { assert, describe, it } from "@effect/vitest"
import { DestinationId } from "@tailrace/domain"
import * as fc from "fast-check"
import { createHash } from "node:crypto"
import { elasticEncoder } from "../../src/elastic/ElasticEncoder.ts"
import { elasticLimits } from "../../src/elastic/ElasticLimits.ts"
import { asRecords } from "../hec/asRecords.ts"
import { encodeTexts, flowRecord, recordsWith, samples, usual } from "../http/encoding.ts"
import { parseRecord } from "../record/parsedRecord.ts"

type Topic = "audit" | "flow"

const nowMillis = 1_780_000_000_123
const destination = DestinationId.make("dst_0123456789abcdef0123456789abcdef")
const { requestBytes } = elasticLimits

const encoders = {
  audit: elasticEncoder({ destination, topic: "audit", lane: 7 }),
  flow: elasticEncoder({ destination, topic: "flow", lane: 7 })
}

const encode = (topic: Topic, texts: ReadonlyArray<string>) =>
  encodeTexts(encoders[topic], texts, { requestBytes, nowMillis })

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

/** By parsing; of a time that was written with escapes the digest is taken as well. */
const expected = (topic: Topic, record: string, offset: number) => {
  const { logged = "", members, millis } = parseRecord(record, { topic, without: ["@timestamp"] }, nowMillis)
  const isPlain = /^[0-9A-Za-z.:+-]{1,40}$/.test(logged) && record.includes(`"${logged}"`)
  return {
    ids: [isPlain ? logged : sha256(record), sha256(record)].map((part) => `${destination}-7-${offset}-${part}`),
    document: { "@timestamp": new Date(millis).toISOString(), ...members }
  }
}

const agree = (topic: Topic, record: string) => {
  const { refused, text } = encode(topic, [record])
  assert.deepStrictEqual(refused, [])
  const [operation = "", document = "", rest] = text.split("\n")
  const { document: parsed, ids } = expected(topic, record, asRecords([record]).offsets[0] ?? 0)
  assert.include(ids, JSON.parse(operation).create._id)
  assert.deepStrictEqual(Object.keys(JSON.parse(operation)), ["create"])
  assert.deepStrictEqual(JSON.parse(document), parsed, record)
  assert.strictEqual(rest, "")
}

describe.each(["audit", "flow"] as const)("%s records: slices and parsing agree", (topic) => {
  it("on the samples", () => {
    for (const record of samples(topic)) agree(topic, record)
  })
  it("on records as ingest writes them", () =>
    fc.assert(fc.property(usual(topic), (record) => agree(topic, record)), { numRuns: 300 }))
  it("on any JSON object", () =>
    fc.assert(fc.property(recordsWith(["@timestamp"]), (record) => agree(topic, record)), { numRuns: 1_000 }))
})

const idsOf = (texts: ReadonlyArray<string>) =>
  encode("flow", texts).text.split("\n").filter((_, index) => index % 2 === 0).slice(0, -1)
    .map((line) => String(JSON.parse(line).create._id))

describe("ids", () => {
  const logged = "2026-06-03T15:33:01.552946176Z"

  it("name destination, lane, offset and the time of logging", () => {
    const [first = ""] = idsOf([flowRecord(logged)])
    assert.strictEqual(first, `${destination}-7-${asRecords([""]).offsets[0]}-${logged}`)
  })

  it("are the same for what is sent again, and have at most 512 bytes", () => {
    const texts = [flowRecord(logged), flowRecord("\\u0032026"), flowRecord("x".repeat(600)), "{}"]
    assert.deepStrictEqual(idsOf(texts), idsOf(texts))
    assert.strictEqual(new Set(idsOf(texts)).size, texts.length)
    assert.isBelow(Math.max(...idsOf(texts).map((id) => id.length)), 512)
  })

  it("differ for another record at the same offset of a topic that was made anew", () => {
    assert.notDeepEqual(idsOf([flowRecord(logged)]), idsOf([flowRecord("2026-06-03T15:33:01.552946177Z")]))
    assert.notDeepEqual(idsOf([`{"a":1}`]), idsOf([`{"a":2}`]))
  })
})

describe("one request", () => {
  it("has 1,000 operations at most", () => {
    const { taken, text } = encode("flow", Array.from({ length: 1_100 }, () => flowRecord("2026-06-03T15:33:01Z")))
    assert.deepStrictEqual([taken, text.split("\n").length], [1_000, 2_001])
  })

  it("has 5 MB at most", () => {
    const large = flowRecord("2026-06-03T15:33:01Z", "x".repeat(1_000_000))
    const { bytes, refused, taken } = encode("flow", Array.from({ length: 6 }, () => large))
    assert.deepStrictEqual([taken, refused.length, bytes < 5_000_000], [4, 0, true])
  })
})

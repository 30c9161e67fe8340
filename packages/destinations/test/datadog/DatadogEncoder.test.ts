// Property: entries made of slices are those made by parsing. Table: which time Datadog is told.
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { datadogEncoder, tooNew, tooOld } from "../../src/datadog/DatadogEncoder.ts"
import { datadogLimits } from "../../src/datadog/DatadogLimits.ts"
import { encodeTexts, flowRecord, recordsWith, samples, usual } from "../http/encoding.ts"
import { nanosOf, parseRecord } from "../record/parsedRecord.ts"

type Topic = "audit" | "flow"

const names = ["ddsource", "service", "timestamp"]
const hour = 3_600_000
const { requestBytes } = datadogLimits

const encoders = { audit: datadogEncoder("audit"), flow: datadogEncoder("flow") }

const encode = (topic: Topic, texts: ReadonlyArray<string>, nowMillis: number) =>
  encodeTexts(encoders[topic], texts, { requestBytes, nowMillis })

const millisOf = (text: string | undefined) => {
  const nanos = nanosOf(text)
  return nanos === undefined ? NaN : Number(nanos / 1_000_000n)
}

/** By parsing: the entry, or why there is none. */
const expected = (topic: Topic, record: string, now: number) => {
  const { logged, members, millis } = parseRecord(record, { topic, without: names }, now)
  const time = [millis, millisOf(logged)].find((at) => at > now - 17 * hour && at < now + hour)
  const judged = Number.isNaN(millisOf(logged)) ? millis : millisOf(logged)
  if (time === undefined) return judged < now ? tooOld : tooNew
  const service = topic === "flow" ? "logstream-network" : "logstream-config"
  return [{ ddsource: "tailscale", service, timestamp: new Date(time).toISOString(), ...members }]
}

const agree = (topic: Topic, record: string, now: number) => {
  const { refused, text } = encode(topic, [record], now)
  assert.deepStrictEqual(refused[0]?.reason ?? JSON.parse(text), expected(topic, record, now), record)
}

/** Near the records' own times, so that most are taken. */
const near = (topic: Topic, record: string) => parseRecord(record, { topic, without: [] }, 0).millis

describe.each(["audit", "flow"] as const)("%s records: slices and parsing agree", (topic) => {
  it("on the samples", () => {
    for (const record of samples(topic)) agree(topic, record, near(topic, record) + hour)
  })
  it("on records as ingest writes them", () =>
    fc.assert(
      fc.property(usual(topic), fc.integer({ min: -3, max: 20 }), (record, hours) =>
        agree(topic, record, Math.max(0, near(topic, record) + hours * hour))),
      { numRuns: 300 }
    ))
  it("on any JSON object", () =>
    fc.assert(
      fc.property(recordsWith(names), (record) => agree(topic, record, near(topic, record) + 1)),
      { numRuns: 1_000 }
    ))
  it("whatever stands before and behind", () =>
    fc.assert(
      fc.property(fc.array(recordsWith(names), { minLength: 1, maxLength: 5 }), (records) => {
        const now = near(topic, records[0] ?? "{}")
        const { refused, taken, text } = encode(topic, records, now)
        const all = records.map((record) => expected(topic, record, now))
        assert.strictEqual(taken, records.length)
        assert.deepStrictEqual(
          refused.map(({ index }) => index),
          all.flatMap((one, at) => Array.isArray(one) ? [] : [at])
        )
        assert.deepStrictEqual(text === "" ? [] : JSON.parse(text), all.filter(Array.isArray).flat())
      }),
      { numRuns: 300 }
    ))
})

const at = (hours: number) => new Date(Date.UTC(2026, 5, 3) + hours * hour).toISOString()
const record = (logged: number, own: number) =>
  flowRecord(at(logged)).replaceAll(/("(?:start|end)"):"[^"]*"/g, `$1:"${at(own)}"`)

describe("the time that Datadog is told, at hour 0", () => {
  it.each([
    ["the record's own", record(0, -16.9), at(-16.9)],
    ["when it was logged, where the node's clock is behind", record(-1, -17), at(-1)],
    ["when it was logged, where the node's clock is ahead", record(-1, 1), at(-1)]
  ])("%s", (_, text, time) => {
    const { text: body } = encode("flow", [text], Date.parse(at(0)))
    assert.strictEqual(JSON.parse(body)[0].timestamp, time)
  })

  it.each([["too old", record(-17, -17), tooOld], ["too new", record(1, 1), tooNew]])(
    "%s: refused, others are not",
    (_, text, reason) => {
      const { bytes, refused, taken } = encode("flow", [text, record(0, 0), text], Date.parse(at(0)))
      assert.deepStrictEqual(refused, [{ index: 0, reason }, { index: 2, reason }])
      assert.deepStrictEqual([taken, bytes > 0], [3, true])
    }
  )
})

describe("one request", () => {
  const now = Date.parse(at(0))
  const ofLength = (length: number) => record(0, 0).replace(`"x":""`, `"x":"${"x".repeat(length)}"`)
  const overhead = encode("flow", [ofLength(0)], now).bytes - 2

  it("has 1,000 entries at most", () => {
    const { taken, text } = encode("flow", Array.from({ length: 1_200 }, () => ofLength(5)), now)
    assert.deepStrictEqual([taken, JSON.parse(text).length], [1_000, 1_000])
  })

  it("has 4.25 MB at most", () => {
    const { bytes, taken } = encode("flow", Array.from({ length: 10 }, () => ofLength(999_000)), now)
    assert.deepStrictEqual([taken, bytes < 4_250_000], [4, true])
  })

  it("has no entry over 1 MB, which Datadog would cut", () => {
    const { refused } = encode("flow", [ofLength(1_000_000 - overhead), ofLength(1_000_001 - overhead)], now)
    assert.deepStrictEqual(refused, [{ index: 1, reason: "is 1000001 bytes, and this service takes at most 1000000" }])
  })

  it("leaves out what is no object", () => {
    const { refused, taken } = encode("flow", ["[1]", ofLength(0)], now)
    assert.deepStrictEqual([refused, taken], [[{ index: 0, reason: "is not a JSON object" }], 2])
  })
})

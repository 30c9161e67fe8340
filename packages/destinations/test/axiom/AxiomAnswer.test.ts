// Table: what the ingest endpoint answers; which events it means by its failures; how long it asks to wait.
import { assert, describe, it } from "@effect/vitest"
import { axiomAnswer } from "../../src/axiom/AxiomAnswer.ts"
import { nowMillis, reading, response, secret } from "../http/answers.ts"

const times = [
  "2026-06-03T11:00:00.500Z",
  "2026-06-03T11:00:01.000Z",
  "2026-06-03T11:00:02.123Z",
  "2026-06-03T11:00:02.123Z"
]
const read = { ...reading, count: 4, times: () => times }
const answer = (body: unknown, more = {}) => axiomAnswer(response(200, body), { ...read, ...more })
const failures = (...of: ReadonlyArray<readonly [time: string | null, error: string]>) =>
  of.map(([timestamp, error]) => ({ timestamp, error }))

describe("200", () => {
  it("all ingested", () =>
    assert.deepStrictEqual(answer({ ingested: 4, failed: 0, failures: [], processedBytes: 9 }), {
      _tag: "Accepted",
      slower: false
    }))

  it("failures whose times point at single events: exactly these are refused", () => {
    const failed = failures(["2026-06-03T11:00:01Z", `bad ${secret}`], ["2026-06-03T11:00:00.5Z", "too many fields"])
    assert.deepStrictEqual(answer({ ingested: 2, failed: 2, failures: failed }), {
      _tag: "Partly",
      refused: [{ index: 0, reason: "too many fields" }, { index: 1, reason: "bad [secret]" }],
      again: [],
      failure: null
    })
  })

  it.each([
    ["two events have the time", { ingested: 3, failed: 1, failures: failures([times[2] ?? "", "bad"]) }],
    ["no event has the time", { ingested: 3, failed: 1, failures: failures(["0001-01-01T00:00:00Z", "bad"]) }],
    ["there is no time", { ingested: 3, failed: 1, failures: failures([null, "bad"]) }],
    ["not all failures are told", { ingested: 2, failed: 2, failures: failures([times[0] ?? "", "bad"]) }],
    ["one failure is told twice", {
      ingested: 2,
      failed: 2,
      failures: failures([times[0] ?? "", "bad"], [times[0] ?? "", "bad"])
    }],
    ["no failure is told", { ingested: 0, failed: 4, failures: null }],
    ["fewer were ingested than sent", { ingested: 3, failed: 0, failures: [] }]
  ])("%s: halves", (_, body) => assert.deepInclude(answer(body), { _tag: "TooLarge", status: 200 }))

  it("an event alone is the one that failed", () =>
    assert.deepStrictEqual(answer({ ingested: 0, failed: 1, failures: failures([null, "bad"]) }, { count: 1 }), {
      _tag: "TooLarge",
      message: "bad",
      status: 200
    }))

  it.each(["", "{}", "<html>", "{\"ingested\":\"4\",\"failed\":0}"])(
    "not understood: %s",
    (text) => assert.deepInclude(answer(text), { _tag: "Transient", maybeStored: true })
  )

  it("longer than is read: halves", () =>
    assert.strictEqual(axiomAnswer(response(200, "{\"ingested\":0,", { truncated: true }), read)._tag, "TooLarge"))
})

describe("the whole", () => {
  it.each([
    [400, "TooLarge"],
    [401, "Misconfigured"],
    [403, "Misconfigured"],
    [404, "Misconfigured"],
    [413, "TooLarge"],
    [429, "Transient"],
    [500, "Transient"],
    [503, "Transient"]
  ])("%i: %s", (status, tag) => assert.strictEqual(axiomAnswer(response(status, { message: "m" }), read)._tag, tag))
})

describe("429", () => {
  const in30s = `${nowMillis / 1_000 + 30}`
  const in60s = `${nowMillis / 1_000 + 60}`
  it.each([
    [{}, null],
    [{ "x-ratelimit-reset": in30s }, 30_000],
    [{ "x-ratelimit-reset": in30s, "x-ingestlimit-reset": in60s }, 30_000],
    [{ "x-ratelimit-reset": in30s, "x-ingestlimit-reset": in60s, "x-ingestlimit-remaining": "0" }, 60_000],
    [{ "x-ingestlimit-reset": in60s }, 60_000],
    [{ "x-ingestlimit-reset": `${nowMillis / 1_000 + 2_000_000}`, "x-ingestlimit-remaining": "0" }, 3_600_000],
    [{ "x-ratelimit-reset": "1" }, 0],
    [{ "x-ratelimit-reset": "soon" }, null],
    [{ "retry-after": "2", "x-ratelimit-reset": in30s }, 2_000]
  ])("%j: %s ms", (headers, millis) => {
    const limited = axiomAnswer(response(429, { message: "rate limit exceeded" }, { headers: { ...headers } }), read)
    assert.strictEqual(limited._tag === "Transient" ? limited.retryAfterMillis : undefined, millis)
  })
})

// Table: what a status means for a whole request, and what is said of a request without an answer.
import { assert, describe, it } from "@effect/vitest"
import { HttpFailure } from "../../src/network/HttpSender.ts"
import { httpAnswer } from "../../src/http/HttpAnswer.ts"
import { failureAnswer, statusAnswer, statusProbe } from "../../src/http/StatusAnswer.ts"
import { nowMillis, reading, response, secret } from "./answers.ts"

describe("statuses", () => {
  it.each([
    [301, "Misconfigured", undefined],
    [400, "TooLarge", undefined],
    [401, "Misconfigured", undefined],
    [403, "Misconfigured", undefined],
    [404, "Misconfigured", undefined],
    [405, "Misconfigured", undefined],
    [407, "Misconfigured", undefined],
    [408, "Transient", true],
    [409, "Transient", false],
    [410, "Misconfigured", undefined],
    [413, "TooLarge", undefined],
    [415, "Misconfigured", undefined],
    [418, "Misconfigured", undefined],
    [422, "TooLarge", undefined],
    [425, "Transient", false],
    [429, "Transient", false],
    [500, "Transient", true],
    [501, "Misconfigured", undefined],
    [502, "Transient", true],
    [503, "Transient", false],
    [504, "Transient", true],
    [505, "Misconfigured", undefined],
    [507, "Transient", true],
    [520, "Transient", true]
  ])("%i: %s", (status, tag, maybeStored) => {
    const answer = statusAnswer(response(status, "words"), reading)
    assert.strictEqual<string>(answer._tag, tag)
    assert.strictEqual("status" in answer && answer.status, status)
    assert.strictEqual(answer._tag === "Transient" ? answer.maybeStored : undefined, maybeStored)
  })

  it.each([200, 201, 202, 204, 299])("%i takes all of it, whatever the body", (status) => {
    assert.deepStrictEqual(httpAnswer(response(status, "<html>"), reading), { _tag: "Accepted", slower: false })
  })
})

describe("pauses", () => {
  const pause = (headers: Record<string, string>, more = {}) => {
    const answer = statusAnswer(response(429, "", { headers }), { ...reading, ...more })
    return answer._tag === "Transient" ? answer.retryAfterMillis : undefined
  }
  it("in seconds", () => assert.strictEqual(pause({ "retry-after": "7" }), 7_000))
  it("until a date", () =>
    assert.strictEqual(pause({ "retry-after": new Date(nowMillis + 5_000).toUTCString() }), 5_000))
  it("none", () => assert.isNull(pause({})))
  it("of the service's own, where there is no Retry-After", () => {
    assert.strictEqual(pause({}, { pauseMillis: 11 }), 11)
    assert.strictEqual(pause({ "retry-after": "1" }, { pauseMillis: 11 }), 1_000)
  })
})

describe("words", () => {
  const words = (body: string, status = 403) => {
    const answer = statusAnswer(response(status, body), reading)
    return answer._tag === "Misconfigured" ? answer.message : ""
  }
  it("are the service's own", () => assert.strictEqual(words("no such key"), "403 no such key"))
  it("are those of a page without its markup", () =>
    assert.strictEqual(words("<html><style>a{}</style><h1>Denied</h1></html>"), "403 Denied"))
  it("have no secret", () => assert.strictEqual(words(`key ${secret} is bad`), "403 key [secret] is bad"))
  it("are short", () => assert.isAtMost(words("x".repeat(100_000)).length, 300))
  it("say where a redirect leads", () => {
    const answer = statusAnswer(response(302, "", { headers: { location: `https://a/${secret}` } }), reading)
    assert.strictEqual(answer._tag === "Misconfigured" && answer.message, "302 redirects to https://a/[secret]")
  })
})

describe("no answer", () => {
  it.each([
    ["ENOTFOUND", false, "Misconfigured"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", false, "Misconfigured"],
    ["ERR_ADDRESS_REFUSED", false, "Misconfigured"],
    ["ECONNREFUSED", false, "Transient"],
    ["ECONNRESET", true, "Transient"],
    ["ETIMEDOUT", true, "Transient"]
  ])("%s, sent: %s: %s", (code, sent, tag) => {
    const answer = failureAnswer(new HttpFailure({ code, reason: `at ${secret}`, sent }), reading)
    assert.strictEqual<string>(answer._tag, tag)
    assert.deepInclude(answer, { status: null, message: `${code}: at [secret]` })
    if (answer._tag === "Transient") assert.strictEqual(answer.maybeStored, sent)
  })
})

describe("probes", () => {
  it("never halve", () => {
    for (const status of [400, 413, 422]) {
      assert.deepInclude(statusProbe(response(status, "words"), reading), { _tag: "Misconfigured", status })
    }
  })
})

// Table: every answer that Cloud Storage is documented to give, and what it means to a leg.
import { assert, describe, it } from "@effect/vitest"
import { gcsInspection, gcsPutAnswer } from "../../src/gcs/GcsAnswer.ts"
import type { HttpResponse } from "../../src/network/HttpSender.ts"

const reading = { secrets: ["ya29.secret"], nowMillis: Date.UTC(2026, 10, 22, 12, 0, 0) }

const response = (status: number, text = "", headers: HttpResponse["headers"] = {}): HttpResponse => ({
  status,
  headers,
  text,
  truncated: false
})

const errorBody = (code: number, reason: string, message = "Words of the service.") =>
  JSON.stringify({ error: { code, message, errors: [{ message, domain: "global", reason }] } })

const meaning = (answer: ReturnType<typeof gcsPutAnswer>) =>
  answer._tag === "Transient" ? (answer.maybeStored ? "maybe stored" : "not stored") : answer._tag

const put = (answer: HttpResponse) => gcsPutAnswer(answer, "k", reading)

describe("put", () => {
  it.each<[number, string, string]>([
    [412, "conditionNotMet", "Taken"],
    [400, "invalid", "Misconfigured"],
    [401, "authError", "Misconfigured"],
    [403, "forbidden", "Misconfigured"],
    [403, "insufficientPermissions", "Misconfigured"],
    [403, "accountDisabled", "Misconfigured"],
    [403, "rateLimitExceeded", "not stored"],
    [403, "userRateLimitExceeded", "not stored"],
    [404, "notFound", "Misconfigured"],
    [405, "methodNotAllowed", "Misconfigured"],
    [408, "requestTimeout", "maybe stored"],
    [409, "conflict", "not stored"],
    [411, "required", "Misconfigured"],
    [413, "uploadTooLarge", "Misconfigured"],
    [425, "tooEarly", "not stored"],
    [429, "rateLimitExceeded", "not stored"],
    [500, "internalError", "maybe stored"],
    [501, "notImplemented", "Misconfigured"],
    [502, "badGateway", "maybe stored"],
    [503, "backendError", "maybe stored"],
    [504, "gatewayTimeout", "maybe stored"],
    [301, "", "Misconfigured"],
    [307, "", "Misconfigured"],
    [308, "", "Misconfigured"]
  ])(
    "%d %s: %s",
    (status, reason, expected) =>
      assert.strictEqual(meaning(put(response(status, errorBody(status, reason)))), expected)
  )

  it("200 with the object's name is a delivery; any other success is somebody else's", () => {
    assert.deepStrictEqual(put(response(200, JSON.stringify({ name: "k", generation: "1" }))), { _tag: "Delivered" })
    for (const text of ["", "{}", JSON.stringify({ name: "other" }), "<html>Sign in</html>"]) {
      assert.strictEqual(meaning(put(response(200, text))), "maybe stored")
    }
    assert.strictEqual(meaning(put(response(204))), "maybe stored")
    assert.include(JSON.stringify(put(response(200, "{}"))), "HTTP 200: is not an answer of Cloud Storage")
  })

  it("who may create but not delete learns by 403 that an object is there", () => {
    const words = "x@y.iam.gserviceaccount.com does not have storage.objects.delete access to the object."
    assert.deepStrictEqual(put(response(403, errorBody(403, "forbidden", words))), { _tag: "Taken" })
    const create = words.replace("delete", "create")
    assert.strictEqual(meaning(put(response(403, errorBody(403, "forbidden", create)))), "Misconfigured")
  })

  it("412 of an organisation's policy is no taken key", () => {
    const words = "Request violates constraint 'constraints/gcp.resourceLocations'."
    assert.strictEqual(meaning(put(response(412, errorBody(412, "conditionNotMet", words)))), "Misconfigured")
  })

  it("bytes that were damaged on the way are sent again", () => {
    const words = "Provided CRC32C \"AAAAAA==\" doesn't match calculated CRC32C \"BBBBBB==\"."
    assert.strictEqual(meaning(put(response(400, errorBody(400, "invalid", words)))), "not stored")
  })

  it("hands on status, words and Retry-After; text and pages are words, too", () => {
    assert.deepStrictEqual(
      put(response(429, errorBody(429, "rateLimitExceeded"), { "retry-after": "7" })),
      {
        _tag: "Transient",
        message: "HTTP 429 rateLimitExceeded: Words of the service.",
        status: 429,
        retryAfterMillis: 7_000,
        maybeStored: false
      }
    )
    assert.deepInclude(put(response(404, "Not Found")), { message: "HTTP 404: Not Found" })
    assert.deepInclude(put(response(502, "<html><h1>Error</h1> 502</html>")), { message: "HTTP 502: Error 502" })
    assert.deepInclude(put(response(403, "you sent ya29.secret")), { message: "HTTP 403: you sent [secret]" })
  })
})

describe("inspect", () => {
  const inspect = (answer: HttpResponse) => gcsInspection(answer, "k", reading)

  it.each<[number, string, string, string]>([
    [404, "notFound", "No such object: b/k", "Missing"],
    [404, "notFound", "The specified bucket does not exist.", "Failed"],
    [403, "forbidden", "does not have storage.objects.get access", "Forbidden"],
    [403, "rateLimitExceeded", "slower", "Failed"],
    [401, "authError", "Invalid Credentials", "Failed"],
    [500, "internalError", "sorry", "Failed"],
    [301, "", "", "Failed"]
  ])(
    "%d %s %s: %s",
    (...[status, reason, words, expected]) =>
      assert.strictEqual(inspect(response(status, errorBody(status, reason, words)))._tag, expected)
  )

  it("reads our seal; another's object has none; another server is no answer", () => {
    const ours = response(200, JSON.stringify({ name: "k", metadata: { seal: "s_1" } }))
    assert.deepStrictEqual(inspect(ours), { _tag: "Found", seal: "s_1" })
    assert.deepStrictEqual(inspect(response(200, JSON.stringify({ name: "k" }))), { _tag: "Found", seal: null })
    assert.strictEqual(inspect(response(200, "<html></html>"))._tag, "Failed")
  })
})

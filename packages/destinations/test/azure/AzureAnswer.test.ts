// Table: every answer that Blob Storage is documented to give, and what it means to a leg.
import { assert, describe, it } from "@effect/vitest"
import { azureInspection, azurePutAnswer } from "../../src/azure/AzureAnswer.ts"
import type { HttpResponse } from "../../src/network/HttpSender.ts"

const reading = { secrets: ["c2VjcmV0LWtleQ=="], nowMillis: Date.UTC(2026, 10, 22, 12, 0, 0) }

const errorBody = (code: string, message = "Words of the service.", detail = "") =>
  `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}\nRequestId:1f2e\n` +
  `Time:2026-11-22T12:00:00.0000000Z</Message>${
    detail === "" ? "" : `<AuthenticationErrorDetail>${detail}</AuthenticationErrorDetail>`
  }</Error>`

const response = (status: number, more: Partial<HttpResponse> = {}): HttpResponse => ({
  status,
  headers: {},
  text: "",
  truncated: false,
  ...more
})

const refused = (status: number, code: string) =>
  response(status, { headers: { "x-ms-error-code": code }, text: errorBody(code) })

const meaning = (answer: ReturnType<typeof azurePutAnswer>) =>
  answer._tag === "Transient" ? (answer.maybeStored ? "maybe stored" : "not stored") : answer._tag

describe("put", () => {
  it.each<[number, string, string]>([
    [409, "BlobAlreadyExists", "Taken"],
    [412, "ConditionNotMet", "Taken"],
    [412, "LeaseIdMissing", "Taken"],
    [409, "BlobImmutableDueToPolicy", "Taken"],
    [409, "BlobImmutableDueToLegalHold", "Taken"],
    [403, "UnauthorizedBlobOverwrite", "Taken"],
    [409, "ContainerBeingDeleted", "not stored"],
    [409, "AccountBeingCreated", "not stored"],
    [409, "ContainerDisabled", "Misconfigured"],
    [409, "InvalidBlobType", "Misconfigured"],
    [400, "InvalidHeaderValue", "Misconfigured"],
    [400, "InvalidUri", "Misconfigured"],
    [400, "InvalidResourceName", "Misconfigured"],
    [400, "UnsupportedHeader", "Misconfigured"],
    [400, "Md5Mismatch", "not stored"],
    [400, "Crc64Mismatch", "not stored"],
    [401, "InvalidAuthenticationInfo", "Misconfigured"],
    [401, "NoAuthenticationInformation", "Misconfigured"],
    [403, "AuthenticationFailed", "Misconfigured"],
    [403, "AuthorizationFailure", "Misconfigured"],
    [403, "AuthorizationPermissionMismatch", "Misconfigured"],
    [403, "InsufficientAccountPermissions", "Misconfigured"],
    [403, "AccountIsDisabled", "Misconfigured"],
    [404, "ContainerNotFound", "Misconfigured"],
    [404, "ResourceNotFound", "Misconfigured"],
    [405, "UnsupportedHttpVerb", "Misconfigured"],
    [411, "MissingContentLengthHeader", "Misconfigured"],
    [413, "RequestBodyTooLarge", "Misconfigured"],
    [429, "TooManyRequests", "not stored"],
    [500, "InternalError", "maybe stored"],
    [500, "OperationTimedOut", "maybe stored"],
    [503, "ServerBusy", "not stored"],
    [501, "NotImplemented", "Misconfigured"],
    [301, "", "Misconfigured"],
    [307, "", "Misconfigured"],
    [408, "", "maybe stored"],
    [425, "", "not stored"],
    [502, "", "maybe stored"],
    [503, "", "maybe stored"],
    [504, "", "maybe stored"]
  ])("%d %s: %s", (status, code, expected) => {
    const answer = code === "" ? response(status) : refused(status, code)
    assert.strictEqual(meaning(azurePutAnswer(answer, reading)), expected)
  })

  it("201 is the one success; another one is somebody else's", () => {
    assert.deepStrictEqual(azurePutAnswer(response(201), reading), { _tag: "Delivered" })
    for (const status of [200, 202, 204]) {
      const answer = azurePutAnswer(response(status, { text: "<html><body>Sign in</body></html>" }), reading)
      assert.strictEqual(meaning(answer), "maybe stored")
      assert.include(JSON.stringify(answer), `HTTP ${status}: is not an answer of Blob Storage`)
    }
  })

  it("the code is read from the body where the header is missing", () =>
    assert.deepStrictEqual(azurePutAnswer(response(409, { text: errorBody("BlobAlreadyExists") }), reading), {
      _tag: "Taken"
    }))

  it("hands on status, words and Retry-After", () =>
    assert.deepStrictEqual(
      azurePutAnswer({ ...refused(503, "ServerBusy"), headers: { "retry-after": "7" } }, reading),
      {
        _tag: "Transient",
        message: "HTTP 503 ServerBusy: Words of the service.",
        status: 503,
        retryAfterMillis: 7_000,
        maybeStored: false
      }
    ))

  it.each<[string, string, string]>([
    [
      "Request date header too old: 'Sun, 22 Nov 2026 11:30:00 GMT'",
      "not stored",
      "Request date header too old"
    ],
    [
      "Signature not valid in the specified time frame: Start [Sun, 01 Nov 2026] - Expiry [Mon, 02 Nov 2026]",
      "Misconfigured",
      "Expiry [Mon, 02 Nov 2026]"
    ]
  ])("AuthenticationFailed because of time: %s", (detail, expected, shown) => {
    const text = errorBody("AuthenticationFailed", "Server failed to authenticate the request.", detail)
    const answer = azurePutAnswer(response(403, { text }), reading)
    assert.strictEqual(meaning(answer), expected)
    assert.include(JSON.stringify(answer), shown)
  })

  it("no signature, key or page is shown", () => {
    const detail = "The MAC signature found in the HTTP request 'AbCd=' is not the same as any computed signature."
    const mac = azurePutAnswer(response(403, { text: errorBody("AuthenticationFailed", "No.", detail) }), reading)
    assert.deepInclude(mac, { message: "HTTP 403 AuthenticationFailed: No." })
    const echo = azurePutAnswer(
      response(400, { text: errorBody("Echo", "c2VjcmV0LWtleQ== at ?sv=1&amp;sig=abc%2Fdef") }),
      reading
    )
    assert.notMatch(JSON.stringify(echo), /c2VjcmV0|abc/)
    const page = azurePutAnswer(
      response(502, { text: "<html><h1>Bad Gateway</h1><script>x()</script></html>" }),
      reading
    )
    assert.deepInclude(page, { message: "HTTP 502: Bad Gateway" })
  })
})

describe("inspect", () => {
  it.each<[number, string, string]>([
    [404, "BlobNotFound", "Missing"],
    [404, "", "Missing"],
    [404, "ContainerNotFound", "Failed"],
    [403, "AuthorizationPermissionMismatch", "Forbidden"],
    [403, "AuthenticationFailed", "Forbidden"],
    [401, "NoAuthenticationInformation", "Failed"],
    [500, "InternalError", "Failed"],
    [503, "ServerBusy", "Failed"],
    [301, "", "Failed"]
  ])("%d %s: %s", (status, code, expected) => {
    const headers = code === "" ? {} : { "x-ms-error-code": code }
    assert.strictEqual(azureInspection(response(status, { headers }), reading)._tag, expected)
  })

  it("reads our seal; another's blob has none; another server's page is no blob", () => {
    const blob = { "x-ms-blob-type": "BlockBlob" }
    const ours = response(200, { headers: { ...blob, "x-ms-meta-seal": "s_1" } })
    assert.deepStrictEqual(azureInspection(ours, reading), { _tag: "Found", seal: "s_1" })
    assert.deepStrictEqual(azureInspection(response(200, { headers: blob }), reading), { _tag: "Found", seal: null })
    assert.strictEqual(azureInspection(response(200), reading)._tag, "Failed")
  })
})

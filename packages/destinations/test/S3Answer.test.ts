// Table: every answer that an S3-compatible service is known to give, and what it means to a leg.
import { assert, describe, it } from "@effect/vitest"
import { inspectAnswer, putAnswer } from "../src/s3/S3Answer.ts"
import { type S3Failure, toS3Failure } from "../src/s3/S3Failure.ts"
import { ownersMessage } from "../src/s3/S3Message.ts"
import { retryAfterMillis } from "../src/network/RetryAfter.ts"

const reading = { message: "m", nowMillis: Date.UTC(2026, 10, 22, 12, 0, 0) }
const failure = (status: number | null, code: string, more: Partial<S3Failure> = {}): S3Failure => ({
  status,
  code,
  message: "",
  syscall: null,
  retryAfter: null,
  sent: true,
  ...more
})

const meaning = (answer: ReturnType<typeof putAnswer>) =>
  answer._tag === "Transient" ? (answer.maybeStored ? "maybe stored" : "not stored") : answer._tag

describe("put", () => {
  it.each<[number | null, string, string]>([
    [412, "PreconditionFailed", "Taken"],
    [304, "NotModified", "Taken"],
    [409, "ConditionalRequestConflict", "not stored"],
    [409, "OperationAborted", "not stored"],
    [301, "PermanentRedirect", "Misconfigured"],
    [302, "Found", "Misconfigured"],
    [307, "TemporaryRedirect", "Misconfigured"],
    [400, "InvalidBucketName", "Misconfigured"],
    [400, "AuthorizationHeaderMalformed", "Misconfigured"],
    [400, "IllegalLocationConstraintException", "Misconfigured"],
    [400, "ExpiredToken", "Misconfigured"],
    [400, "RequestTimeout", "not stored"],
    [400, "BadDigest", "not stored"],
    [400, "IncompleteBody", "not stored"],
    [401, "Unauthorized", "Misconfigured"],
    [403, "AccessDenied", "Misconfigured"],
    [403, "InvalidAccessKeyId", "Misconfigured"],
    [403, "SignatureDoesNotMatch", "Misconfigured"],
    [403, "RequestTimeTooSkewed", "not stored"],
    [404, "NoSuchBucket", "Misconfigured"],
    [405, "MethodNotAllowed", "Misconfigured"],
    [408, "Unknown", "maybe stored"],
    [413, "EntityTooLarge", "Misconfigured"],
    [425, "TooEarly", "not stored"],
    [429, "TooManyRequests", "not stored"],
    [500, "InternalError", "maybe stored"],
    [501, "NotImplemented", "Misconfigured"],
    [502, "Bad Gateway", "maybe stored"],
    [503, "SlowDown", "not stored"],
    [503, "ServiceUnavailable", "not stored"],
    [503, "Unknown", "maybe stored"],
    [504, "Gateway Timeout", "maybe stored"],
    [507, "InsufficientStorage", "maybe stored"],
    [200, "SyntaxError", "maybe stored"],
    [null, "ECONNRESET", "maybe stored"],
    [null, "EPIPE", "maybe stored"],
    [null, "ETIMEDOUT", "maybe stored"],
    [null, "HPE_INVALID_CONSTANT", "maybe stored"],
    [null, "WhoKnows", "maybe stored"],
    [null, "ENOTFOUND", "Misconfigured"],
    [null, "ERR_ADDRESS_REFUSED", "Misconfigured"],
    [null, "CERT_HAS_EXPIRED", "Misconfigured"],
    [null, "DEPTH_ZERO_SELF_SIGNED_CERT", "Misconfigured"],
    [null, "ERR_TLS_CERT_ALTNAME_INVALID", "Misconfigured"],
    [null, "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "Misconfigured"],
    [null, "EPROTO", "Misconfigured"],
    [null, "ERR_SSL_WRONG_VERSION_NUMBER", "Misconfigured"]
  ])(
    "%s %s: %s",
    (status, code, expected) => assert.strictEqual(meaning(putAnswer(failure(status, code), reading)), expected)
  )

  it.each<[string, Partial<S3Failure>]>([
    ["ECONNREFUSED", { syscall: "connect" }],
    ["ETIMEDOUT", { syscall: "connect" }],
    ["EHOSTUNREACH", { syscall: "connect" }],
    ["EAI_AGAIN", { syscall: "getaddrinfo" }],
    ["ECONNRESET", { sent: false }],
    ["EPIPE", { sent: false }]
  ])(
    "%s before the request was sent: surely not stored",
    (code, more) => assert.strictEqual(meaning(putAnswer(failure(null, code, more), reading)), "not stored")
  )

  it("hands on status, message and Retry-After", () =>
    assert.deepStrictEqual(
      putAnswer(failure(503, "SlowDown", { retryAfter: "7" }), reading),
      { _tag: "Transient", message: "m", status: 503, retryAfterMillis: 7_000, maybeStored: false }
    ))
})

describe("inspect", () => {
  it.each<[number | null, string, string]>([
    [404, "NotFound", "Missing"],
    [403, "Forbidden", "Forbidden"],
    [401, "Unauthorized", "Failed"],
    [301, "Moved", "Failed"],
    [500, "InternalError", "Failed"],
    [null, "ECONNRESET", "Failed"],
    [400, "BadRequest", "Failed"]
  ])(
    "%s %s: %s",
    (status, code, expected) => assert.strictEqual(inspectAnswer(failure(status, code), reading)._tag, expected)
  )
})

describe("Retry-After", () => {
  it.each<[string | null, number | null]>([
    ["0", 0],
    ["120", 120_000],
    [" 5 ", 5_000],
    ["1.5", 1_500],
    ["9999999999", 86_400_000],
    ["soon", null],
    ["", null],
    [null, null],
    ["-5", null],
    ["Sun, 22 Nov 2026 12:01:00 GMT", 60_000],
    ["Sun, 22 Nov 2026 11:00:00 GMT", 0]
  ])("%s: %s", (header, expected) => assert.strictEqual(retryAfterMillis(header, reading.nowMillis), expected))
})

const message = (more: Partial<S3Failure>) => ownersMessage(failure(null, "E", more), ["s3cr3t/Key+"])

describe("message", () => {
  it.each<[Partial<S3Failure>, string]>([
    [
      { status: 404, code: "NoSuchBucket", message: "The bucket does not exist\nmore" },
      "HTTP 404 NoSuchBucket: The bucket does not exist"
    ],
    [{ status: 403, code: "Error", message: "UnknownError" }, "HTTP 403"],
    [
      { code: "ECONNREFUSED", message: "connect ECONNREFUSED 127.0.0.1:1" },
      "ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1"
    ],
    [{ code: "Error", message: "" }, "no answer"]
  ])("%j: %s", (more, expected) => assert.strictEqual(message(more), expected))

  it("never shows the secret, a signature or a control character, and is short", () => {
    const text = message({
      status: 400,
      message: `x s3cr3t/Key+ AWS4 Credential=AKIA/2026, Signature=abcdef0123 X-Amz-Signature=99ff \u001b[31m ${
        "y".repeat(900)
      }`
    })
    for (const part of ["s3cr3t", "AKIA", "abcdef", "99ff", "\u001b"]) assert.notInclude(text, part)
    assert.isAtMost(text.length, 300)
  })
})

describe("an SDK error", () => {
  it("becomes plain data", () =>
    assert.deepStrictEqual(
      toS3Failure(Object.assign(new Error("no"), {
        name: "SlowDown",
        $metadata: { httpStatusCode: 503 },
        $response: { statusCode: 503, headers: { "retry-after": "3" } }
      })),
      failure(503, "SlowDown", { message: "no", retryAfter: "3" })
    ))

  it.each([undefined, null, 7, "text", {}, { code: 7 }])(
    "is read whatever it is: %j",
    (error) => assert.strictEqual(toS3Failure(error).code, "UnknownError")
  )
})

// What STS's refusals mean, and whose affair they are.
import { assert, describe, it } from "@effect/vitest"
import { assumeFailure, type AssumeFault } from "../src/aws/AssumeFailure.ts"
import { sessionName } from "../src/index.ts"
import { toS3Failure } from "../src/s3/S3Failure.ts"

/** As the SDK throws it. */
const thrown = (status: number, name: string, more: object = {}) =>
  Object.assign(new Error("words"), { name, $metadata: { httpStatusCode: status }, ...more })

const node = (code: string, syscall = "connect") => Object.assign(new Error(`${syscall} ${code}`), { code, syscall })

const read = (error: unknown) => assumeFailure(toS3Failure(error), ["hidden"], 0)

const table: ReadonlyArray<readonly [error: Error, fault: AssumeFault]> = [
  [thrown(403, "AccessDenied"), "refused"],
  [thrown(400, "ValidationError"), "refused"],
  [thrown(403, "RegionDisabledException"), "refused"],
  [thrown(403, "InvalidClientTokenId"), "operator"],
  [thrown(403, "SignatureDoesNotMatch"), "operator"],
  [thrown(403, "ExpiredToken"), "operator"],
  [thrown(400, "ExpiredTokenException"), "operator"],
  [node("ENOTFOUND", "getaddrinfo"), "operator"],
  [node("CERT_HAS_EXPIRED"), "operator"],
  [node("ERR_ADDRESS_REFUSED"), "operator"],
  [node("ECONNREFUSED"), "unavailable"],
  [node("ETIMEDOUT"), "unavailable"],
  [thrown(400, "Throttling"), "unavailable"],
  [thrown(400, "ThrottlingException"), "unavailable"],
  [thrown(503, "ServiceUnavailable"), "unavailable"],
  [thrown(500, "InternalFailure"), "unavailable"],
  [thrown(429, "TooManyRequestsException"), "unavailable"],
  [thrown(200, "SyntaxError"), "unavailable"]
]

describe("an answer of STS", () => {
  it.each(table)("%s: %s", (error, fault) => {
    const found = read(error)
    assert.strictEqual(found.fault, fault, found.message)
  })

  it("is told in STS's words, without secrets", () => {
    const { message, status } = read(thrown(403, "AccessDenied", { message: "User: u is not authorized hidden" }))
    const words = "AWS does not let Tailrace assume the role: HTTP 403 AccessDenied: User: u is not authorized [secret]"
    assert.deepStrictEqual([message, status], [words, 403])
  })

  it("may ask for a pause", () => {
    const more = { $response: { statusCode: 503, headers: { "retry-after": "7" } } }
    assert.strictEqual(read(thrown(503, "ServiceUnavailable", more)).retryAfterMillis, 7_000)
  })
})

describe("a session's name", () => {
  it.each([
    [undefined, "tailrace"],
    [{ tailnet: "example.com", destination: "dst_0123456789abcdef" }, "tailrace@example.com@dst_0123456789abcdef"],
    [{ tailnet: "a b/ü", destination: "dst_1" }, "tailrace@a-b--@dst_1"],
    [
      { tailnet: "n".repeat(80), destination: "dst_0123456789abcdef" },
      `tailrace@${"n".repeat(34)}@dst_0123456789abcdef`
    ],
    [{ tailnet: "n", destination: `dst_${"d".repeat(80)}` }, `tailrace@dst_${"d".repeat(51)}`]
  ])("of %o is %s", (owner, name) => {
    assert.strictEqual(sessionName(owner), name)
    assert.match(name, /^[\w+=,.@-]{2,64}$/)
  })
})

// Table: which headers an owner may have, and what is said of others; and the signature, checked as the docs say.
import { assert, describe, it } from "@effect/vitest"
import type { HttpConfig } from "@tailrace/domain"
import { Result } from "effect"
import { createHmac } from "node:crypto"
import { checkHttpConfig, httpTarget } from "../../src/http/HttpReceiver.ts"
import { signatureHeaders } from "../../src/http/HttpSignature.ts"

const config = (more: Partial<HttpConfig> = {}): HttpConfig => ({
  _tag: "http",
  url: "https://logs.test/in?tenant=a",
  format: "ndjson",
  scheme: "none",
  headers: {},
  ...more
})

const why = (given: HttpConfig) =>
  Result.match(checkHttpConfig(given, []), { onSuccess: () => "", onFailure: ({ message }) => message })

describe("headers that can be", () => {
  it.each([
    { "X-Scope-OrgID": "tenant-1" },
    { "x-empty": "" },
    { Accept: "application/json, */*;q=0.1" },
    { Authorization: "Custom abc" },
    Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`X-${index}`, "v"]))
  ])("%j", (headers) => assert.strictEqual(why(config({ headers })), ""))
})

describe("headers that cannot be", () => {
  it.each<[Record<string, string>, Partial<HttpConfig>, string]>([
    [{ Host: "a" }, {}, "Host: is set by"],
    [{ connection: "close" }, {}, "connection: is set by"],
    [{ "Transfer-Encoding": "chunked" }, {}, "Transfer-Encoding: is set by"],
    [{ "Proxy-Authorization": "a" }, {}, "Proxy-Authorization: is set by"],
    [{ "Content-Type": "text/plain" }, {}, "Content-Type: is set by"],
    [{ "content-md5": "a" }, {}, "content-md5: is set by"],
    [{ "User-Agent": "a" }, {}, "User-Agent: is set by"],
    [{ "X-Tailrace-Signature": "v1=" }, {}, "X-Tailrace-Signature: is set by"],
    [{ authorization: "a" }, { scheme: "bearer" }, "authorization: is set by the scheme bearer"],
    [{ authorization: "a" }, { scheme: "basic", user: "u" }, "authorization: is set by the scheme basic"],
    [{ "X a": "b" }, {}, "X a: is not a header's name"],
    [{ "": "b" }, {}, ": is not a header's name"],
    [{ "X-A": "a\r\nHost: b" }, {}, "X-A: must be printable"],
    [{ "X-A": " a" }, {}, "X-A: must be printable"],
    [{ "X-A": "ä" }, {}, "X-A: must be printable"],
    [{ "X-A": "a".repeat(4_097) }, {}, "X-A: is over 4096"],
    [{ "X-A": "a", "x-a": "b" }, {}, "x-a: is there twice"],
    [Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`X-${index}`, "v"])), {}, "headers: at most 32"]
  ])("%j %j: %s", (headers, more, reason) => assert.include(why(config({ headers, ...more })), `headers: ${reason}`))
})

it("basic needs a user", () => {
  assert.include(why(config({ scheme: "basic" })), "user: ")
  assert.include(why(config({ scheme: "basic", user: "a:b" })), "user: ")
})

it("a place is the URL with its query", () =>
  assert.strictEqual(
    httpTarget(config({ url: "https://LOGS.test:443/in?tenant=a" })),
    "http https://logs.test/in?tenant=a"
  ))

it("a signature is over the time, a point, and the body", () => {
  const body = Buffer.from("{}\n")
  const headers = signatureHeaders("key", 1_780_000_000, body)
  const digest = createHmac("sha256", "key").update("1780000000.{}\n").digest("hex")
  assert.deepStrictEqual(headers, {
    "X-Tailrace-Timestamp": "1780000000",
    "X-Tailrace-Signature": `v1=${digest}`
  })
})

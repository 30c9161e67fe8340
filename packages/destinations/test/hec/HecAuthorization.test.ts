// Table: how a token goes into the header, and which scheme is tried first.
import { assert, describe, it } from "@effect/vitest"
import { SplunkConfig } from "@tailrace/domain"
import { cookieHeader, type Cookies, withCookies } from "../../src/hec/Cookies.ts"
import { credential, schemesFrom, splunkSchemes } from "../../src/hec/HecAuthorization.ts"
import { ackUrl } from "../../src/hec/HecEndpoint.ts"

const config = (more: Partial<SplunkConfig> = {}) =>
  SplunkConfig.make({
    url: "https://splunk.test/services/collector/event",
    scheme: "auto",
    acknowledge: "auto",
    ...more
  })

describe("the order of schemes", () => {
  it.each(
    [
      [config(), "abc", ["splunk", "basic"]],
      [config({ user: "" }), "abc", ["splunk", "basic"]],
      [config({ user: "user" }), "abc", ["basic", "splunk"]],
      [config({ user: "user" }), "Splunk abc", ["verbatim"]],
      [config({ user: "user", scheme: "splunk" }), "abc", ["splunk"]],
      [config({ scheme: "bearer" }), "abc", ["bearer"]]
    ] as const
  )("%o with %s", (given, token, order) => assert.deepStrictEqual(splunkSchemes(given, token), order))

  it("of other types", () => {
    assert.deepStrictEqual(schemesFrom("bearer")(config()), ["bearer"])
    assert.deepStrictEqual(schemesFrom("bearer")(config({ scheme: "verbatim" })), ["verbatim"])
  })
})

it.each(
  [
    ["splunk", "Splunk abc"],
    ["bearer", "Bearer abc"],
    ["verbatim", "abc"],
    ["basic", `Basic ${Buffer.from("me:abc").toString("base64")}`]
  ] as const
)("%s is %s", (scheme, header) => assert.strictEqual(credential(scheme, config({ user: "me" }), "abc"), header))

it.each([
  ["https://a.test/services/collector", "https://a.test/services/collector/ack"],
  ["https://a.test/services/collector/", "https://a.test/services/collector/ack"],
  ["https://a.test:8088/x/services/collector/event?a=b", "https://a.test:8088/x/services/collector/ack"],
  ["https://a.test/services/collector/event/1.0", "https://a.test/services/collector/ack"],
  ["https://a.test/services/collector/raw", null],
  ["https://a.test/hec", null]
])("acknowledgements of %s are at %s", (url, expected) => assert.strictEqual(ackUrl(url), expected))

describe("cookies", () => {
  const none: Cookies = new Map()

  it("are those set last, several in one header", () => {
    assert.deepStrictEqual(cookieHeader(none), {})
    const first = withCookies(none, "AWSALB=a/b=; Expires=Mon, 30 Nov 2026 00:00:00 GMT; Path=/, other=1")
    const last = withCookies(withCookies(first, "AWSALB=c; Secure"), undefined)
    assert.deepStrictEqual(cookieHeader(last), { Cookie: "AWSALB=c; other=1" })
  })

  it("are few and short", () => {
    let held = none
    for (let index = 0; index < 50; index++) held = withCookies(held, `c${index}=1`)
    held = withCookies(held, `c0=${"x".repeat(5_000)}`)
    assert.strictEqual(held.size, 10)
  })
})

// Table: how a token goes into the header, and which scheme is tried first.
import { assert, describe, it } from "@effect/vitest"
import { SplunkConfig } from "@tailrace/domain"
import { Result } from "effect"
import { cookieHeader, type Cookies, withCookies } from "../../src/hec/Cookies.ts"
import { credential, schemesFrom, splunkSchemes } from "../../src/hec/HecAuthorization.ts"
import { loopback } from "../../src/index.ts"
import { ackUrl, checkHecConfig, checkToken, hecTarget } from "../../src/hec/HecEndpoint.ts"

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

describe("what cannot be used is known at once", () => {
  const reason = (more: Partial<SplunkConfig>) =>
    Result.match(checkHecConfig(config(more), loopback), {
      onSuccess: () => "ok",
      onFailure: ({ field, message }) => `${field} ${message}`
    })

  it.each([
    [{}, "ok"],
    [{ url: "https://splunk.test/x?sourcetype=y" }, "ok"],
    [{ url: "http://127.0.0.1:8088/services/collector" }, "ok"],
    [{ url: "https://splunk.test/x?token=y" }, "token"],
    [{ url: "http://1.1.1.1/" }, "https"],
    [{ url: "https://10.0.0.1/" }, "private"],
    [{ url: "ftp://splunk.test/" }, "only https"],
    [{ url: "splunk" }, "not a URL"],
    [{ user: "a:b" }, "colon"],
    [{ user: "ü" }, "ASCII"]
  ])("%o: %s", (more, expected) => assert.include(reason(more), expected))

  it.each([["abc", true], ["", false], ["a\nb", false], ["ü", false]])(
    "the token %j: %s",
    (token, isUsable) => assert.strictEqual(Result.isSuccess(checkToken(token)), isUsable)
  )
})

it("the same place under two names of its host's case is one target", () =>
  assert.strictEqual(hecTarget(config({ url: "https://A.test/x" })), hecTarget(config({ url: "https://a.test/x" }))))

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

// AWS's own test suite for Signature Version 4, the cases that our requests are like.
import { assert, describe, it } from "@effect/vitest"
import { signAws } from "../../src/gcs/token/AwsSignature.ts"

const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: undefined
}

const sign = (method: string, url: string, sessionToken?: string) =>
  signAws(
    { method, url: new URL(url), headers: {}, region: "us-east-1", service: "service" },
    { ...credentials, sessionToken },
    Date.UTC(2015, 7, 30, 12, 36)
  )

describe("Signature Version 4", () => {
  it.each([
    ["get-vanilla", "GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"],
    [
      "get-vanilla-query-order-key-case",
      "GET",
      "/?Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ],
    ["post-vanilla", "POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"]
  ])("%s", (...[, method, path, signature]) => {
    const { authorization } = sign(method, `https://example.amazonaws.com${path}`)
    assert.strictEqual(
      authorization,
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
        `SignedHeaders=host;x-amz-date, Signature=${signature}`
    )
  })

  it("a session token is sent and signed", () => {
    const headers = sign("POST", "https://sts.us-east-1.amazonaws.com/?Action=GetCallerIdentity", "session")
    assert.strictEqual(headers["x-amz-security-token"], "session")
    assert.include(headers["authorization"], "SignedHeaders=host;x-amz-date;x-amz-security-token")
  })
})

// The examples of AWS's own documentation, and what a wrong request is told. Source: the pages that `SigV4.ts` names.
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { type SignedRequest, verify } from "../src/SigV4.ts"

const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
const id = "AKIAIOSFODNN7EXAMPLE"
const credentials = new Map([[id, secret]])
const noon = Date.UTC(2013, 4, 24)
const host = "examplebucket.s3.amazonaws.com"
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=${id}/20130524/us-east-1/s3/aws4_request,`
  + `SignedHeaders=${signedHeaders},Signature=${signature}`

const common = { host, "x-amz-content-sha256": emptyHash, "x-amz-date": "20130524T000000Z" }

const getObject: SignedRequest = {
  method: "GET",
  target: "/test.txt",
  headers: {
    ...common,
    range: "bytes=0-9",
    authorization: authorization(
      "host;range;x-amz-content-sha256;x-amz-date",
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )
  }
}

const putObject: SignedRequest = {
  method: "PUT",
  target: "/test$file.text",
  headers: {
    ...common,
    date: "Fri, 24 May 2013 00:00:00 GMT",
    "x-amz-content-sha256": "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    "x-amz-storage-class": "REDUCED_REDUNDANCY",
    authorization: authorization(
      "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )
  }
}

const getLifecycle: SignedRequest = {
  method: "GET",
  target: "/?lifecycle",
  headers: {
    ...common,
    authorization: authorization(
      "host;x-amz-content-sha256;x-amz-date",
      "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    )
  }
}

const list: SignedRequest = {
  method: "GET",
  target: "/?max-keys=2&prefix=J",
  headers: {
    ...common,
    authorization: authorization(
      "host;x-amz-content-sha256;x-amz-date",
      "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
    )
  }
}

const presigned: SignedRequest = {
  method: "GET",
  target: "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3"
    + "%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
    + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  headers: { host }
}

const code = (request: SignedRequest, nowMillis = noon, keys = credentials) =>
  Result.match(verify(request, { credentials: keys, nowMillis }), {
    onSuccess: (claim) => claim.accessKeyId,
    onFailure: (error) => error.code
  })

const withHeader = (name: string, value: string | undefined): SignedRequest => ({
  ...getObject,
  headers: { ...getObject.headers, [name]: value }
})

describe("a right signature", () => {
  it.each<[string, SignedRequest]>([
    ["GET with a range", getObject],
    ["PUT with a special character", putObject],
    ["GET of a sub-resource", getLifecycle],
    ["list", list],
    ["presigned GET", presigned]
  ])("%s", (_, request) => assert.strictEqual(code(request), id))
})

describe("a wrong one", () => {
  const late = noon + 15 * 60_000 + 1
  it.each<[string, string, string]>([
    ["another key", code({ ...getObject, target: "/other.txt" }), "SignatureDoesNotMatch"],
    ["another method", code({ ...getObject, method: "PUT" }), "SignatureDoesNotMatch"],
    ["another range", code(withHeader("range", "bytes=0-8")), "SignatureDoesNotMatch"],
    ["another query", code({ ...list, target: "/?max-keys=3&prefix=J" }), "SignatureDoesNotMatch"],
    ["another body", code(withHeader("x-amz-content-sha256", "00")), "SignatureDoesNotMatch"],
    ["another secret", code(getObject, noon, new Map([[id, `${secret}x`]])), "SignatureDoesNotMatch"],
    ["unknown key id", code(getObject, noon, new Map()), "InvalidAccessKeyId"],
    ["added metadata", code(withHeader("x-amz-meta-seal", "mine")), "AccessDenied"],
    ["nothing signed", code({ ...getObject, headers: { host } }), "AccessDenied"],
    ["another scheme", code(withHeader("authorization", "Bearer x")), "AuthorizationHeaderMalformed"],
    ["no time", code(withHeader("x-amz-date", undefined)), "AuthorizationHeaderMalformed"],
    ["time of another day", code(withHeader("x-amz-date", "20130525T000000Z")), "AuthorizationHeaderMalformed"],
    ["too late", code(getObject, late), "RequestTimeTooSkewed"],
    ["too early", code(getObject, noon - 15 * 60_000 - 1), "RequestTimeTooSkewed"],
    ["expired", code(presigned, noon + 86_400_001), "ExpiredRequest"],
    [
      "presigned for longer",
      code({ ...presigned, target: presigned.target.replace("86400", "86401") }),
      "SignatureDoesNotMatch"
    ],
    [
      "no such time to live",
      code({ ...presigned, target: presigned.target.replace("86400", "0") }),
      "AuthorizationQueryParametersError"
    ]
  ])("%s: %s is %s", (_, got, expected) => assert.strictEqual(got, expected))

  it("is on time within the window", () => assert.strictEqual(code(getObject, noon + 15 * 60_000), id))
})

describe("temporary credentials", () => {
  const session = { secretAccessKey: secret, sessionToken: "token", expiresAt: noon + 1 }
  const asked = (request: SignedRequest, nowMillis = noon) =>
    Result.match(verify(request, { credentials: new Map(), sessions: () => session, nowMillis }), {
      onSuccess: (claim) => claim.accessKeyId,
      onFailure: (error) => error.code
    })

  it.each<[string, string, string]>([
    ["no token", asked(getObject), "InvalidToken"],
    ["another token", asked(withHeader("x-amz-security-token", "other")), "InvalidToken"],
    ["their end", asked(withHeader("x-amz-security-token", "token"), noon + 1), "ExpiredToken"],
    ["an unsigned token", asked(withHeader("x-amz-security-token", "token")), "AccessDenied"],
    ["a token with a key that has none", code(withHeader("x-amz-security-token", "token")), "InvalidToken"]
  ])("%s: %s is %s", (_, got, expected) => assert.strictEqual(got, expected))
})

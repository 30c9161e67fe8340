// Table: which configurations and secrets of Blob Storage are refused without asking it, and what is signed.
import { assert, describe, it } from "@effect/vitest"
import type { AzureConfig } from "@tailrace/domain"
import { Result } from "effect"
import { azureSign, stringToSign } from "../../src/azure/AzureCredentials.ts"
import { azureTarget, blobUrl, checkAzureConfig } from "../../src/azure/AzureEndpoint.ts"
import { metadataName } from "../../src/azure/AzureStore.ts"

const config = (more: Partial<AzureConfig> = {}): AzureConfig => ({
  _tag: "azure",
  url: "https://logs.blob.core.windows.net",
  account: "logs",
  container: "tailnet",
  keyPrefix: "",
  auth: "sharedkey",
  ...more
})

const checked = (more: Partial<AzureConfig>) =>
  Result.match(checkAzureConfig(config(more), []), { onSuccess: () => "ok", onFailure: ({ field }) => field })

describe("configuration", () => {
  it.each<[Partial<AzureConfig>, string]>([
    [{}, "ok"],
    [{ container: "$root" }, "ok"],
    [{ auth: "sas", account: "" }, "ok"],
    [{ keyPrefix: "logs/../audit/" }, "keyPrefix"],
    [{ keyPrefix: "./" }, "keyPrefix"],
    [{ keyPrefix: "logs/.hidden/a..b/" }, "ok"],
    [{ container: "Upper" }, "container"],
    [{ container: "a" }, "container"],
    [{ container: "two--hyphens" }, "container"],
    [{ container: "a/b" }, "container"],
    [{ container: "x".repeat(64) }, "container"],
    [{ account: "" }, "account"],
    [{ account: "not.an.account" }, "account"],
    [{ url: "http://logs.blob.core.windows.net" }, "url"],
    [{ url: "https://127.0.0.1:10000/logs" }, "url"],
    [{ url: "https://logs.blob.core.windows.net/?sv=1&sig=x" }, "url"],
    [{ url: "" }, "url"]
  ])("%j: %s", (more, expected) => assert.strictEqual(checked(more), expected))

  it("a target is endpoint and container, whatever the credentials", () => {
    const target = azureTarget(config())
    assert.strictEqual(target, "azure https://logs.blob.core.windows.net tailnet")
    assert.strictEqual(azureTarget(config({ url: "https://LOGS.blob.core.windows.net/", auth: "sas" })), target)
    assert.notStrictEqual(azureTarget(config({ container: "other" })), target)
  })

  it("a key is one path, escaped", () =>
    assert.strictEqual(
      blobUrl(config({ url: "https://logs.blob.core.windows.net/" }), "2026/11/22/12:00:00 ü?#%.json"),
      "https://logs.blob.core.windows.net/tailnet/2026/11/22/12%3A00%3A00%20%C3%BC%3F%23%25.json"
    ))

  it.each([["seal", "seal"], ["config-version", "config_version"], ["Config.By", "config_by"], ["2x", "_2x"]])(
    "metadata %s is %s",
    (name, expected) => assert.strictEqual(metadataName(name), expected)
  )
})

const request = {
  method: "PUT",
  url: "https://logs.blob.core.windows.net/tailnet/a%3Ab.json",
  headers: {
    "content-type": "application/zstd",
    "if-none-match": "*",
    "x-ms-version": "2021-12-02",
    "x-ms-meta-seal": "s  1 ",
    "x-ms-blob-type": "BlockBlob",
    "x-ms-date": "Sun, 22 Nov 2026 12:00:00 GMT"
  },
  bodyBytes: 11
} as const

const signed = (auth: AzureConfig["auth"], secret: string) =>
  Result.map(azureSign(config({ auth }), secret), (sign) => sign(request))

describe("what a request shows of the secret", () => {
  it("the account's key signs method, length, condition, own headers and path", () => {
    assert.strictEqual(
      stringToSign(request, "logs"),
      "PUT\n\n\n11\n\napplication/zstd\n\n\n\n*\n\n\n" +
        "x-ms-blob-type:BlockBlob\nx-ms-date:Sun, 22 Nov 2026 12:00:00 GMT\n" +
        "x-ms-meta-seal:s 1\nx-ms-version:2021-12-02\n" +
        "/logs/tailnet/a%3Ab.json"
    )
    const { headers, secrets, url } = Result.getOrThrow(signed("sharedkey", "a2V5\n"))
    assert.match(headers["authorization"] ?? "", /^SharedKey logs:[A-Za-z0-9+/]{43}=$/)
    assert.strictEqual(url, request.url)
    assert.include(secrets, "a2V5")
    assert.include(secrets, headers["authorization"]?.split(":")[1] ?? "-")
  })

  it("an empty body has no length", () =>
    assert.match(stringToSign({ ...request, method: "HEAD", headers: {}, bodyBytes: 0 }, "logs"), /^HEAD\n{12}\/logs/))

  it("a shared access signature is the query, with or without its question mark", () => {
    const { headers, secrets, url } = Result.getOrThrow(signed("sas", "?sv=2020-12-06&sp=cw&sig=a%2Fb%3D "))
    assert.strictEqual(url, `${request.url}?sv=2020-12-06&sp=cw&sig=a%2Fb%3D`)
    assert.deepStrictEqual(headers, request.headers)
    assert.includeMembers([...secrets], ["a/b=", "a%2Fb%3D", "sv=2020-12-06&sp=cw&sig=a%2Fb%3D"])
  })

  it.each(
    [
      ["sharedkey", ""],
      ["sharedkey", "not base64!"],
      ["sharedkey", "sv=2020&sig=abc"],
      ["sas", ""],
      ["sas", "sv=2020-12-06&sp=cw"],
      ["sas", "sig=a b"],
      ["sas", "sig=a\r\nx: y"],
      ["sas", "sig=a#b"]
    ] as const
  )("%s: %j is refused, and not shown", (auth, secret) => {
    const refusal = Result.flip(signed(auth, secret))
    const error = Result.getOrThrow(refusal)
    assert.strictEqual(error.field, "secret")
    if (secret !== "") assert.notInclude(error.message, secret)
  })
})

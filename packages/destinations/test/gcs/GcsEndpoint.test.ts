// Table: which configurations of Cloud Storage are refused without asking it; what an upload looks like.
import { assert, describe, it } from "@effect/vitest"
import type { GcsConfig } from "@tailrace/domain"
import { Result } from "effect"
import { checkGcsConfig, gcsTarget, metadataUrl, scopesOf, uploadUrl } from "../../src/gcs/GcsEndpoint.ts"
import { checksum, uploadOf } from "../../src/gcs/GcsUpload.ts"

const config = (more: Partial<GcsConfig> = {}): GcsConfig => ({
  _tag: "gcs",
  url: "",
  bucket: "tailnet-logs",
  keyPrefix: "",
  scopes: [],
  ...more
})

const checked = (more: Partial<GcsConfig>) =>
  Result.match(checkGcsConfig(config(more), []), { onSuccess: () => "ok", onFailure: ({ field }) => field })

describe("configuration", () => {
  it.each<[Partial<GcsConfig>, string]>([
    [{}, "ok"],
    [{ bucket: "logs.example.com" }, "ok"],
    [{ bucket: "Upper" }, "bucket"],
    [{ bucket: "a/b" }, "bucket"],
    [{ bucket: "-a" }, "bucket"],
    [{ bucket: ".." }, "bucket"],
    [{ scopes: ["https://www.googleapis.com/auth/devstorage.read_write"] }, "ok"],
    [{ scopes: ["two scopes"] }, "scopes"],
    [{ scopes: [""] }, "scopes"],
    [{ scopes: Array.from({ length: 21 }, (_, i) => `s${i}`) }, "scopes"],
    [{ url: "https://storage.example.com" }, "ok"],
    [{ url: "http://storage.example.com" }, "url"],
    [{ url: "https://169.254.169.254" }, "url"],
    [{ workloadIdentity: "{}" }, "workloadIdentity"]
  ])("%j: %s", (more, expected) => assert.strictEqual(checked(more), expected))

  it("a target is endpoint and bucket, whatever the credentials", () => {
    assert.strictEqual(gcsTarget(config()), "gcs https://storage.googleapis.com tailnet-logs")
    assert.strictEqual(
      gcsTarget(config({ url: "https://storage.googleapis.com/", keyPrefix: "p" })),
      gcsTarget(config())
    )
    assert.notStrictEqual(gcsTarget(config({ bucket: "other" })), gcsTarget(config()))
  })

  it("without scopes it is reading and writing of objects", () => {
    assert.deepStrictEqual(scopesOf(config()), ["https://www.googleapis.com/auth/devstorage.read_write"])
    assert.deepStrictEqual(scopesOf(config({ scopes: ["s"] })), ["s"])
  })
})

describe("requests", () => {
  it("names are escaped; the condition is generation 0", () => {
    const url = new URL(uploadUrl(config(), "a/b c&d=1#ü.json", true))
    assert.strictEqual(url.pathname, "/upload/storage/v1/b/tailnet-logs/o")
    assert.deepInclude(Object.fromEntries(url.searchParams), {
      uploadType: "multipart",
      name: "a/b c&d=1#ü.json",
      ifGenerationMatch: "0"
    })
    assert.isNull(new URL(uploadUrl(config(), "k", false)).searchParams.get("ifGenerationMatch"))
    assert.include(metadataUrl(config(), "a/../b"), "/storage/v1/b/tailnet-logs/o/a%2F..%2Fb?")
  })

  it("CRC32C is big-endian base64 (RFC 3720 B.4)", () => {
    assert.strictEqual(checksum(new Uint8Array(32)), Buffer.from("8a9136aa", "hex").toString("base64"))
    assert.strictEqual(checksum(new Uint8Array(32).fill(0xff)), Buffer.from("62a8ab43", "hex").toString("base64"))
  })

  it("metadata and content are two parts, the content not copied, no encoding said", () => {
    const body = new TextEncoder().encode("{}\n")
    const { headers, pieces } = uploadOf({
      key: "k",
      body,
      contentType: "application/zstd",
      metadata: { seal: "s_1", by: "amélie" },
      onlyIfAbsent: true
    })
    const boundary = /^multipart\/related; boundary=(tailrace-[0-9a-f-]{36})$/.exec(headers["Content-Type"] ?? "")?.[1]
    const text = Buffer.concat(pieces).toString()
    const crc = checksum(body)
    assert.strictEqual(headers["x-goog-hash"], `crc32c=${crc}`)
    assert.strictEqual(
      text,
      `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n` +
        `{"contentType":"application/zstd","crc32c":"${crc}","metadata":{"seal":"s_1","by":"am%C3%A9lie"}}\r\n` +
        `--${boundary}\r\nContent-Type: application/zstd\r\n\r\n{}\n\r\n--${boundary}--\r\n`
    )
    assert.strictEqual(pieces[1], body)
    assert.notInclude(text.toLowerCase(), "content-encoding")
  })
})

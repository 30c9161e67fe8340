// Table: which bucket and key a request line names, and that nothing leads out of the folder.
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { parseTarget } from "../src/Address.ts"

const parse = (target: string, host = "127.0.0.1:9000") =>
  Result.match(parseTarget({ domains: ["localhost"], host, target }), {
    onSuccess: ({ bucket, key }) => `${bucket}|${key}`,
    onFailure: (error) => error.code
  })

describe("path style", () => {
  it.each([
    ["/", "|"],
    ["/logs", "logs|"],
    ["/logs/", "logs|"],
    ["/logs?list-type=2", "logs|"],
    ["/logs/a", "logs|a"],
    ["/logs/2026/11/22/00:00:00.json", "logs|2026/11/22/00:00:00.json"],
    ["/logs/a%20b%2Bc+d", "logs|a b+c+d"],
    ["/logs/%C3%A4/%E2%82%AC.json", "logs|ä/€.json"],
    ["/logs/a%2Fb", "logs|a/b"],
    ["/logs/.hidden", "logs|.hidden"],
    ["/logs/a%25b", "logs|a%b"],
    ["/logs/...", "logs|..."]
  ])("%s is %s", (target, expected) => assert.strictEqual(parse(target), expected))
})

describe("virtual-host style", () => {
  it.each([
    ["logs.localhost:9000", "/a/b", "logs|a/b"],
    ["logs.localhost", "/", "logs|"],
    ["a.b.localhost", "/k", "a.b|k"],
    ["LOGS.localhost", "/k", "logs|k"],
    ["localhost:9000", "/logs/k", "logs|k"],
    ["evil-localhost", "/logs/k", "logs|k"]
  ])("%s %s is %s", (host, target, expected) => assert.strictEqual(parse(target, host), expected))
})

describe("refused", () => {
  it.each([
    ["/logs/../etc/passwd", "InvalidArgument"],
    ["/logs/%2e%2e/x", "InvalidArgument"],
    ["/logs/a/..%2f..%2fx", "InvalidArgument"],
    ["/logs/./a", "InvalidArgument"],
    ["/logs//a", "InvalidArgument"],
    ["/logs/a/", "InvalidArgument"],
    ["/logs/a%00b", "InvalidArgument"],
    ["/logs/%ff", "InvalidArgument"],
    ["/../x", "InvalidBucketName"],
    ["/.s3/records/1.json", "InvalidBucketName"],
    ["/%2e%2e/x", "InvalidBucketName"],
    ["/Logs/x", "InvalidBucketName"],
    ["/ab/x", "InvalidBucketName"],
    ["/a..b/x", "InvalidBucketName"],
    [`/logs/${"a".repeat(256)}`, "InvalidArgument"],
    [`/logs/${"a/".repeat(600)}a`, "KeyTooLongError"],
    ["/logs/..", "InvalidArgument"]
  ])("%s: %s", (target, expected) => assert.strictEqual(parse(target), expected))

  it("a host that climbs", () => assert.strictEqual(parse("/x", "...localhost"), "InvalidBucketName"))
})

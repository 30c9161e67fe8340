// Table: what the guard says to addresses and URLs, without any connection.
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Result } from "effect"
import { AllowedRangesConfig, checkAddress, checkUrl, parseAllowedRanges } from "../src/index.ts"
import { checkUrlAsGiven } from "../src/network/Guard.ts"

const ranges = (text: string) => Result.getOrThrow(parseAllowedRanges(text))
const verdict = (ip: string, allowed = "") => Result.merge(checkAddress(ip, ranges(allowed)))
const url = (text: string, allowed = "") =>
  Result.match(checkUrl(text, ranges(allowed)), { onSuccess: () => "ok", onFailure: (error) => error.reason })

describe("addresses", () => {
  it.each([
    "1.1.1.1",
    "8.8.8.8",
    "52.95.110.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.1.1",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2600:1f18::1",
    "2a00:1450:4001::200e",
    "2001:4860:4860::8888"
  ])("%s is public", (ip) => assert.strictEqual(verdict(ip), "public"))

  it.each([
    ["0.0.0.0", "unspecified"],
    ["10.1.2.3", "private"],
    ["100.64.0.1", "carrier-grade"],
    ["100.100.100.200", "tailnet"],
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["169.254.169.254", "metadata"],
    ["168.63.129.16", "metadata"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.0.0.192", "metadata"],
    ["192.168.1.1", "private"],
    ["198.19.0.1", "benchmarking"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::127.0.0.1", "compatible"],
    ["::ffff:10.0.0.1", "mapped"],
    ["::ffff:a00:1", "mapped"],
    ["::ffff:8.8.8.8", "mapped"],
    ["64:ff9b::10.0.0.1", "NAT64"],
    ["64:ff9b:1::1", "NAT64"],
    ["2002:7f00:1::", "6to4"],
    ["2001::1", "Teredo"],
    ["2001:db8::1", "documentation"],
    ["fc00::1", "unique local"],
    ["fd7a:115c:a1e0::1", "unique local"],
    ["fd00:ec2::254", "unique local"],
    ["fe80::1", "link-local"],
    ["ff02::1", "multicast"],
    ["4000::1", "not a public"],
    ["fe80::1%eth0", "not an IP"],
    ["1.2.3", "not an IP"],
    ["", "not an IP"]
  ])("%s is refused: %s", (ip, why) => assert.include(verdict(ip), why))

  it.each([
    ["127.0.0.1", "127.0.0.0/8"],
    ["10.20.30.40", "10.20.0.0/16"],
    ["10.20.30.40", "192.168.0.0/16, 10.20.30.40"],
    ["fd12::1", "fd00::/8"],
    ["::1", "::1"],
    ["::ffff:127.0.0.1", "127.0.0.0/8"],
    ["64:ff9b::808:808", "64:ff9b::/96"],
    ["8.8.8.8", "0.0.0.0/0"],
    ["fe80::1", "::/0"]
  ])("%s is allowed by %s", (ip, allowed) => assert.strictEqual(verdict(ip, allowed), "allowed"))

  it.each([["127.0.0.1", "128.0.0.0/8"], ["10.21.0.1", "10.20.0.0/16"], ["::1", "0.0.0.0/0"], ["127.0.0.1", "::1"]])(
    "%s is not allowed by %s",
    (ip, allowed) => assert.notInclude(["allowed", "public"], verdict(ip, allowed))
  )
})

describe("URLs", () => {
  it.each([
    ["https://s3.eu-central-1.amazonaws.com", ""],
    ["https://minio.example.com:9000/", ""],
    ["https://1.1.1.1", ""],
    ["https://[2606:4700::1111]", ""],
    ["http://127.0.0.1:9000", "127.0.0.0/8"],
    ["http://localhost:9000", "127.0.0.0/8"],
    ["http://[::1]:9000", "::1"],
    ["http://minio.internal:9000", "10.0.0.0/8"],
    ["https://10.0.0.1", "10.0.0.0/8"]
  ])("%s is accepted (allowed: '%s')", (text, allowed) => assert.strictEqual(url(text, allowed), "ok"))

  it.each([
    ["http://s3.example.com", "", "https"],
    ["http://1.1.1.1", "10.0.0.0/8", "https"],
    ["https://127.0.0.1", "", "loopback"],
    ["https://localhost", "", "loopback"],
    ["https://a.localhost.", "", "loopback"],
    ["https://2130706433/", "", "loopback"],
    ["https://0x7f.1/", "", "loopback"],
    ["https://[::ffff:169.254.169.254]/", "", "mapped"],
    ["https://169.254.169.254/latest", "10.0.0.0/8", "metadata"],
    ["https://a:b@s3.example.com", "", "user name"],
    ["https://a@s3.example.com", "", "user name"],
    ["ftp://s3.example.com", "", "only https"],
    ["file:///etc/passwd", "", "only"],
    ["https://s3.example.com/?x=1", "", "query"],
    ["https://s3.example.com/#a", "", "query"],
    ["s3.example.com", "", "not a URL"],
    ["", "", "not a URL"]
  ])("%s is refused (allowed: '%s'): %s", (text, allowed, why) => assert.include(url(text, allowed), why))
})

const read = (value: Record<string, string>) => AllowedRangesConfig.parse(ConfigProvider.fromUnknown(value))

describe("URLs that are used as given", () => {
  const asGiven = (text: string) =>
    Result.match(checkUrlAsGiven(text, ranges("")), {
      onSuccess: ({ href }) => href,
      onFailure: ({ reason }) => reason
    })

  it("keep their query", () => {
    assert.strictEqual(asGiven("https://es.example.com/logs/_bulk?pretty"), "https://es.example.com/logs/_bulk?pretty")
  })

  it.each([
    ["https://es.example.com/a?b#c", "fragment"],
    ["http://es.example.com/a?b", "https"],
    ["https://127.0.0.1/?a@b", "loopback"],
    ["https://a@es.example.com/?b", "user name"],
    ["?", "not a URL"]
  ])("%s is refused: %s", (text, why) => assert.include(asGiven(text), why))
})

describe("TAILRACE_ALLOW_ENDPOINTS", () => {
  it.effect("is empty when absent", () => Effect.map(read({}), (allowed) => assert.deepStrictEqual(allowed, [])))

  it.effect("takes addresses and ranges of both families", () =>
    Effect.map(
      read({ TAILRACE_ALLOW_ENDPOINTS: " 127.0.0.0/8 ,::1,, fd00::/8" }),
      (allowed) => assert.deepStrictEqual(allowed.map(({ prefix }) => prefix), [8, 128, 8])
    ))

  it.effect.each(["10.0.0.0/33", "::/129", "10.0.0/8", "localhost", "10.0.0.0/8/1", "10.0.0.0/", "10.0.0.0/-1"])(
    "names the broken part: %s",
    (text) =>
      read({ TAILRACE_ALLOW_ENDPOINTS: `127.0.0.1,${text}` }).pipe(
        Effect.flip,
        Effect.map((error) => assert.include(error.message, `"${text}"`))
      )
  )
})

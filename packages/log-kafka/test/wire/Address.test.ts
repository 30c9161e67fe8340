import { assert, describe, it } from "@effect/vitest"
import { formatAddress, parseAddress } from "../../src/wire/Address.ts"

describe("Address", () => {
  it.each(["kafka.example.com:9092", "10.0.0.1:1", "[::1]:9092", "[fe80::1%eth0]:65535", "b-1:443"])(
    "%s is one, and is written as it was read",
    (text) => {
      const address = parseAddress(text)
      assert.isDefined(address)
      assert.strictEqual(address === undefined ? "" : formatAddress(address), text)
    }
  )

  it.each([
    "kafka",
    "kafka:",
    ":9092",
    "::1:9092",
    "kafka:0",
    "kafka:65536",
    "kafka:9092x",
    "[kafka]:9092",
    "a b:1",
    ""
  ])(
    "%s is none",
    (text) => assert.isUndefined(parseAddress(text))
  )

  it("gives an IPv6 host without its brackets, as sockets want it", () => {
    assert.deepStrictEqual(parseAddress(" [2001:db8::7]:9093 "), { host: "2001:db8::7", port: 9093 })
  })
})

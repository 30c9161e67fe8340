import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { JsonScanner, maxDepth, type Scanned } from "../src/json/JsonScanner.ts"

const scan = (text: string | Buffer): Scanned => {
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0])])
  return new JsonScanner().scan(bytes, 0, bytes.length - 1)
}

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }))
/** Small pieces that make and break JSON. */
const piece = fc.constantFrom(
  ..."{}[]:,\"\\ \n\t0123456789+-.eEtrufalsn/bx\u0001é",
  "true",
  "null",
  "\"a\"",
  "\\u12aF",
  "1e5",
  "-0"
)

const damage = fc.record({ value: object, at: fc.nat(), gone: fc.nat(3), pieces: fc.array(piece, { maxLength: 3 }) })

describe("JsonScanner", () => {
  it("takes whatever JSON.stringify writes, compact or not", () => {
    fc.assert(fc.property(object, fc.constantFrom(0, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      assert.strictEqual(scan(text), Buffer.byteLength(text))
    }))
  })

  it("agrees with JSON.parse on text that was damaged", () => {
    fc.assert(
      fc.property(damage, ({ at, gone, pieces, value }) => {
        const text = JSON.stringify(value)
        const place = 1 + at % text.length
        const damaged = (text.slice(0, place) + pieces.join("") + text.slice(place + gone)).replace(/[ \t\r\n]+$/, "")
        const scanned = scan(damaged)
        const whole = typeof scanned === "number" && scanned === Buffer.byteLength(damaged)
        assert.strictEqual(whole, parses(damaged), JSON.stringify(damaged))
      }),
      { numRuns: 1500 }
    )
  })

  it("agrees with JSON.parse on text made of tokens", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = `{"a":${pieces.join("")}}`
        const scanned = scan(text)
        assert.strictEqual(scanned === Buffer.byteLength(text), parses(text), JSON.stringify(text))
      }),
      { numRuns: 5000 }
    )
  })

  it("says of every beginning of an object that more is needed", () => {
    fc.assert(
      fc.property(object, (value) => {
        const bytes = Buffer.from(JSON.stringify(value, null, 1))
        for (let length = 1; length < bytes.length; length++) {
          assert.strictEqual(scan(bytes.subarray(0, length)), "incomplete")
        }
      }),
      { numRuns: 20 }
    )
  })

  it("ends at the end of the object, whatever follows", () => {
    assert.strictEqual(scan("{\"a\":1}{\"b\""), 7)
    assert.strictEqual(scan("{\"a\":1}]"), 7)
  })

  it("refuses bytes that are not UTF-8", () => {
    assert.strictEqual(scan(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), "invalid")
    // A surrogate alone, and an overlong slash.
    assert.strictEqual(scan(Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])), "invalid")
    assert.strictEqual(scan(Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])), "invalid")
  })

  it("refuses what is nested too deep, without running out of stack", () => {
    const nested = (depth: number) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`
    assert.strictEqual(typeof scan(nested(maxDepth - 3)), "number")
    assert.strictEqual(scan(nested(maxDepth)), "invalid")
    assert.strictEqual(scan("{\"a\":".repeat(500_000)), "invalid")
  })

  it("shows the members of the object and of the objects in it", () => {
    const text = "{ \"a\" : {\"x\":[{\"y\":1}],\"z\":{\"deep\":2}} , \"b\":null}"
    const bytes = Buffer.from(`${text}\0`)
    const scanner = new JsonScanner()
    assert.strictEqual(scanner.scan(bytes, 0, text.length), text.length)
    const { members } = scanner
    const shown = Array.from({ length: members.count }, (_, slot) => [
      members.depth(slot),
      text.slice(members.keyStart(slot), members.keyEnd(slot)),
      text.slice(members.valueStart(slot), members.valueEnd(slot))
    ])
    assert.deepStrictEqual(shown, [
      [1, "\"a\"", "{\"x\":[{\"y\":1}],\"z\":{\"deep\":2}}"],
      [2, "\"x\"", "[{\"y\":1}]"],
      [2, "\"z\"", "{\"deep\":2}"],
      [1, "\"b\"", "null"]
    ])
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Reader } from "../../src/wire/Reader.ts"
import { Writer } from "../../src/wire/Writer.ts"

interface Part {
  readonly value: unknown
  readonly write: (writer: Writer) => void
  readonly read: (reader: Reader) => unknown
}

const part = <A>(
  values: fc.Arbitrary<A>,
  write: (writer: Writer, value: A) => void,
  read: (reader: Reader) => unknown
): fc.Arbitrary<Part> => values.map((value) => ({ value, write: (writer) => write(writer, value), read }))

const safe = 2 ** 53 - 1
const bytes = fc.uint8Array({ maxLength: 600 })
const text = fc.string({ unit: "grapheme", maxLength: 100 })

const parts: fc.Arbitrary<Part> = fc.oneof(
  part(fc.integer({ min: -128, max: 127 }), (writer, value) => writer.int8(value), (reader) => reader.int8()),
  part(fc.integer({ min: -32768, max: 32767 }), (writer, value) => writer.int16(value), (reader) => reader.int16()),
  part(fc.integer(), (writer, value) => writer.int32(value), (reader) => reader.int32()),
  part(fc.integer({ min: -safe, max: safe }), (writer, value) => writer.int64(value), (reader) => reader.int64()),
  part(fc.boolean(), (writer, value) => writer.boolean(value), (reader) => reader.boolean()),
  part(text, (writer, value) => writer.string(value), (reader) => reader.string()),
  part(fc.option(text), (writer, value) => writer.nullableString(value), (reader) => reader.nullableString()),
  part(text, (writer, value) => writer.compactString(value), (reader) => reader.compactNullableString()),
  part(fc.nat(), (writer, value) => writer.unsignedVarint(value), (reader) => reader.unsignedVarint()),
  part(fc.nat({ max: safe }), (writer, value) => writer.unsignedVarint(value), (reader) => reader.unsignedVarint()),
  part(bytes, (writer, value) => writer.byteString(value), (reader) => new Uint8Array(reader.byteString())),
  part(
    fc.array(fc.integer(), { maxLength: 50 }),
    (writer, value) => writer.array(value, (each) => writer.int32(each)),
    (reader) => reader.array(() => reader.int32())
  )
)

const written = (each: ReadonlyArray<Part>): Buffer => {
  const writer = new Writer()
  each.forEach(({ write }) => write(writer))
  return writer.bytes
}

describe("Reader and Writer", () => {
  it("read what was written, in order and to the end", () => {
    fc.assert(fc.property(fc.array(parts, { maxLength: 60 }), (each) => {
      const all = written(each)
      const reader = new Reader(all)
      assert.deepStrictEqual(each.map(({ read }) => read(reader)), each.map(({ value }) => value))
      assert.throws(() => reader.int8(), RangeError)
    }))
  })

  it("an answer that is cut off anywhere is a RangeError, never a wrong value or an endless loop", () => {
    fc.assert(fc.property(fc.array(parts, { minLength: 1, maxLength: 8 }), fc.nat(), (each, cut) => {
      const all = written(each)
      const reader = new Reader(all.subarray(0, cut % all.length))
      assert.throws(() => each.forEach(({ read, value }) => assert.deepStrictEqual(read(reader), value)), RangeError)
    }))
  })

  it("reads bytes that are part of a larger buffer", () => {
    const whole = Buffer.from([9, 9, 0, 0, 0, 7, 9])
    assert.strictEqual(new Reader(new Uint8Array(whole.buffer, whole.byteOffset + 2, 4)).int32(), 7)
  })

  it("writes as the protocol's guide says", () => {
    const all = new Writer().int16(-1).int64(-2).int64(2 ** 40 + 5).string("ü").nullableString(null).compactString("a")
      .unsignedVarint(300).boolean(true).bytes
    assert.strictEqual(all.toString("hex"), "fffffffffffffffffffe00000100000000050002c3bcffff0261ac0201")
  })

  it("passes over tagged fields", () => {
    const reader = new Reader(Buffer.from([2, 0, 1, 0xaa, 5, 2, 0xbb, 0xcc, 42]))
    reader.taggedFields()
    assert.strictEqual(reader.int8(), 42)
  })
})

/** What the Java client wrote (`fixtures/Fixtures.java`) is read as the Java client reads it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import type { LogRecord } from "@tailrace/log"
import { markOfFirstBatch } from "../../src/batch/Mark.ts"
import { readSet } from "./Reading.ts"

const Base64 = Schema.NullOr(Schema.String)

const Fixture = Schema.Struct({
  next: Schema.Int,
  aborted: Schema.Array(Schema.Struct({ producerId: Schema.Int, firstOffset: Schema.Int })),
  records: Schema.Array(Schema.Struct({
    offset: Schema.Int,
    time: Schema.Int,
    key: Base64,
    value: Schema.optionalKey(Base64),
    bytes: Schema.optionalKey(Schema.Int),
    sha256: Schema.optionalKey(Schema.String),
    headers: Schema.Array(Schema.Tuple([Schema.String, Base64])),
    mark: Schema.String
  }))
})
type Fixture = typeof Fixture.Type
type Expected = Fixture["records"][number]

const fixtureFile = (name: string): Buffer => readFileSync(new URL(`../fixtures/${name}`, import.meta.url))
const describeFixture = Schema.decodeUnknownSync(Schema.fromJsonString(Fixture))

const load = (name: string): Fixture & { readonly bytes: Buffer } => ({
  ...describeFixture(fixtureFile(`${name}.json`).toString()),
  bytes: fixtureFile(`${name}.bin`)
})

const textOf = (base64: string): string => Buffer.from(base64, "base64").toString()

const checkRecord = (record: LogRecord, expected: Expected): void => {
  const { headers, key, offset, time, value } = record
  assert.deepStrictEqual({ offset, time }, { offset: expected.offset, time: expected.time })
  assert.strictEqual(key, expected.key === null ? null : textOf(expected.key))
  assert.deepStrictEqual(
    headers,
    Object.fromEntries(expected.headers.map(([name, text]) => [textOf(name), textOf(text ?? "")]))
  )
  if (expected.sha256 === undefined) {
    assert.strictEqual(value === null ? null : Buffer.from(value).toString("base64"), expected.value)
  } else {
    assert.strictEqual(value?.length, expected.bytes)
    assert.strictEqual(createHash("sha256").update(value ?? "").digest("hex"), expected.sha256)
  }
}

const checkAll = (fixture: Fixture & { readonly bytes: Buffer }, from: number, maxChunkRecords: number): void => {
  const expected = fixture.records.filter(({ offset }) => offset >= from)
  const read = readSet({ bytes: fixture.bytes, from, aborted: fixture.aborted }, { maxChunkRecords })
  assert.isUndefined(read.unreadable)
  assert.strictEqual(read.next, fixture.next)
  assert.deepStrictEqual(read.records.map(({ offset }) => offset), expected.map(({ offset }) => offset))
  read.records.forEach((record, index) => {
    const wanted = expected[index]
    assert.isDefined(wanted)
    checkRecord(record, wanted)
    if (maxChunkRecords === 1) assert.strictEqual(read.marks[index], wanted.mark)
  })
}

const codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
const names = [
  ...codecs.map((codec) => `codec-${codec}`),
  ...codecs.slice(1).map((codec) => `large-${codec}`),
  "log-append-time",
  "transactions",
  "compacted",
  "idempotent"
]

describe("what the Java client wrote", () => {
  it.each(names)("%s", (name) => {
    const fixture = load(name)
    const first = fixture.records[0]?.offset ?? 0
    assert.isTrue(fixture.records.length > 1)
    checkAll(fixture, 0, 8_192)
    checkAll(fixture, 0, 1)
    for (let from = first - 2; from < first + 14 && from < fixture.next; from += 3) checkAll(fixture, from, 7)
  })

  it.each(["codec-zstd", "codec-none", "transactions", "compacted"])("%s, cut off anywhere", (name) => {
    const fixture = load(name)
    const step = Math.ceil(fixture.bytes.length / 150)
    for (let length = 0; length < fixture.bytes.length; length += step) {
      const read = readSet({ bytes: fixture.bytes.subarray(0, length), aborted: fixture.aborted })
      assert.isUndefined(read.unreadable)
      assert.isTrue(read.next < fixture.next)
      const expected = fixture.records.filter(({ offset }) => offset < read.next)
      assert.strictEqual(read.records.length, expected.length)
      read.records.forEach((record, index) => checkRecord(record, expected[index] ?? assert.fail("a record too many")))
    }
  })

  it("a batch that is cut off gives nothing", () => {
    const { bytes } = load("idempotent")
    assert.strictEqual(readSet({ bytes: bytes.subarray(0, bytes.length - 1) }).chunks, 0)
    assert.strictEqual(readSet({ bytes: bytes.subarray(0, 0) }).chunks, 0)
  })

  it("given-up transactions are remembered for one set only", () => {
    const { bytes } = load("transactions")
    assert.deepStrictEqual(readSet({ bytes }).records.map(({ offset }) => offset), [
      200,
      201,
      202,
      203,
      204,
      207,
      208,
      211
    ])
  })

  it("markers alone move the position on", () => {
    const { aborted, bytes, next } = load("transactions")
    const read = readSet({ bytes, aborted, from: 208 })
    assert.deepStrictEqual({ chunks: read.chunks, count: read.records.length, next: read.next }, {
      chunks: 1,
      count: 0,
      next
    })
  })

  it.each([0, 1])("a message of format %i stops the lane, saying why", (magic) => {
    const { unreadable } = readSet({ bytes: load(`magic-${magic}`).bytes })
    assert.strictEqual(unreadable?.reason, `its format is version ${magic}, and only version 2 is read`)
    assert.isUndefined(markOfFirstBatch(load(`magic-${magic}`).bytes))
  })

  it("the mark of a set is the one of its first batch", () => {
    const { bytes, records } = load("codec-lz4")
    assert.strictEqual(markOfFirstBatch(bytes.subarray(0, 21)), records[0]?.mark)
    assert.isUndefined(markOfFirstBatch(bytes.subarray(0, 20)))
  })
})

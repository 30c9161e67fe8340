/** Damaged and hostile batches: nothing wrong is delivered, nothing throws, nothing runs for ever. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry } from "@tailrace/log"
import * as fc from "fast-check"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { bodyAt } from "../../src/batch/BatchHeader.ts"
import { encodeBatch } from "../../src/batch/EncodeBatch.ts"
import { encodeRecord } from "../../src/batch/RecordWriter.ts"
import { batchesOfEntries, placed, plain, rawBatch, recordSet, time, withCrc } from "./Batches.ts"
import { readSet } from "./Reading.ts"

const entry = (text: string): Entry => ({ key: "k", value: Buffer.from(text) })
const record = (text: string, offsetDelta = 0) => encodeRecord(entry(text), offsetDelta)

const textsOf = (bytes: Buffer): ReadonlyArray<string> =>
  readSet({ bytes }).records.map(({ value }) => Buffer.from(value ?? []).toString())

const reasonOf = (bytes: Buffer): string | undefined => readSet({ bytes }).unreadable?.reason

describe("damage", () => {
  const place = fc.tuple(fc.nat(), fc.nat())

  it("a flipped bit of a body is noticed; what lies before it is delivered", () => {
    fc.assert(fc.property(batchesOfEntries, place, fc.nat(7), (batches, [which, where], bit) => {
      const damaged = which % batches.length
      const before = recordSet(batches.slice(0, damaged))
      const bytes = recordSet(batches)
      const body = recordSet(batches.slice(0, damaged + 1)).length - before.length - bodyAt
      const at = before.length + bodyAt + where % body
      bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
      const read = readSet({ bytes })
      const whole = batches.slice(0, damaged).flat().length
      const reason = "its CRC does not fit its bytes"
      assert.deepStrictEqual(read.unreadable, { _tag: "Unreadable", reason, offset: whole })
      assert.deepStrictEqual(read.records, readSet({ bytes: before }).records)
    }))
  })

  it("any bytes, cut anywhere, are read to an end", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
    fc.assert(fc.property(batchesOfEntries, flips, fc.nat(), (batches, changes, cut) => {
      const bytes = recordSet(batches)
      for (const [at, value] of changes) bytes[at % bytes.length] = value
      readSet({ bytes: bytes.subarray(0, cut % (bytes.length + 1)) })
    }))
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      readSet({ bytes })
    }))
  })

  it("any body with the right CRC is read to an end", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(batchesOfEntries, changes, (batches, bytesChanged) => {
        const batch = encodeBatch(batches.flat(), plain)
        for (const [at, value] of bytesChanged) batch[bodyAt + at % (batch.length - bodyAt)] = value
        readSet({ bytes: withCrc(batch) })
      }),
      { numRuns: 500 }
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(7), fc.integer(), (records, codec, count) => {
      readSet({ bytes: rawBatch(records, { codec, count, lastOffsetDelta: 5 }) })
    }))
  })
})

const huge = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f])
const endless = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0x01])

/** Around the three bytes before the key: attributes, time, offset. */
const body = (...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const rest = Buffer.concat([Buffer.from([0, 0, 0]), ...parts])
  return Buffer.concat([Buffer.from([rest.length * 2]), rest])
}

describe("a batch with the right CRC and nonsense inside", () => {
  it.each<readonly [string, Buffer, string]>([
    ["a record longer than the batch", Buffer.from([40, 0, 0]), "a record reaches beyond it"],
    ["a record of a negative length", Buffer.from([1, 0, 0]), "a record reaches beyond it"],
    ["a record of 2 GiB", huge, "a record reaches beyond it"],
    ["a length that never ends", endless, "a number in it is too long"],
    ["a key beyond the record", body(huge, Buffer.from([0, 0])), "the parts of a record do not fill it"],
    ["a value beyond the record", body(Buffer.from([1]), huge), "the parts of a record do not fill it"],
    ["a value one byte too short", body(Buffer.from([1, 2, 65, 66, 0])), "the parts of a record do not fill it"],
    ["2^31 headers", body(Buffer.from([1, 1]), huge), "the parts of a record do not fill it"],
    ["fewer than no headers", body(Buffer.from([1, 1, 1])), "the parts of a record do not fill it"],
    ["a header without a name", body(Buffer.from([1, 1, 2, 1, 1])), "the parts of a record do not fill it"],
    ["a header beyond the record", body(Buffer.from([1, 1, 2, 2, 65]), huge), "the parts of a record do not fill it"],
    ["bytes behind", Buffer.concat([record("a"), Buffer.from([0])]), "there are bytes behind its last record"]
  ])("%s", (_, records, reason) => {
    const { unreadable } = readSet({ bytes: rawBatch(records) })
    const note = `records 0 to 0: their batch cannot be read, ${reason}`
    assert.strictEqual(unreadable, undefined)
    assert.deepStrictEqual(textsOf(rawBatch(records)), [reason.startsWith("there are bytes behind") ? "a" : note])
  })

  it.each<readonly [string, ReadonlyArray<number>, number]>([
    ["twice the same", [0, 0], 1],
    ["falling", [1, 0], 2],
    ["beyond the batch's last", [0, 3], 1],
    ["below its first", [-1, 0], 0]
  ])("offsets that are %s", (_, deltas, from) => {
    const records = Buffer.concat(deltas.map((delta) => record("a", delta)))
    assert.strictEqual(
      textsOf(rawBatch(records, { count: 2, lastOffsetDelta: 2 })).at(-1),
      `records ${from} to 2: their batch cannot be read, the offsets of its records are out of order`
    )
  })

  it("fewer records than it claims", () => {
    assert.deepStrictEqual(
      textsOf(rawBatch(record("a"), { count: 2, lastOffsetDelta: 1 })),
      ["a", "records 1 to 1: their batch cannot be read, a record reaches beyond it"]
    )
  })

  it.each<readonly [string, (batch: Buffer) => void, string]>([
    ["a negative count", (batch) => batch.writeInt32BE(-5, 57), "it claims a negative number of records"],
    ["a negative last offset", (batch) => batch.writeInt32BE(-1, 23), "its last offset lies before its first"],
    ["a negative base offset", (batch) => batch.writeInt32BE(-1, 0), "its offsets are out of range"],
    ["an offset beyond 2^53", (batch) => batch.writeInt32BE(0x200000, 0), "its offsets are out of range"],
    ["a length shorter than its head", (batch) => batch.writeInt32BE(48, 8), "it claims to be 48 bytes long"],
    ["a negative length", (batch) => batch.writeInt32BE(-1, 8), "it claims to be -1 bytes long"],
    ["codec 5", (batch) => batch.writeInt16BE(5, 21), "its codec 5 is unknown"],
    ["codec 7", (batch) => batch.writeInt16BE(7, 21), "its codec 7 is unknown"],
    ["format 3", (batch) => batch.writeInt8(3, 16), "its format is version 3, and only version 2 is read"]
  ])("%s", (_, change, reason) => {
    const batch = rawBatch(record("a"))
    change(batch)
    const { records, unreadable } = readSet({ bytes: withCrc(batch) })
    assert.deepStrictEqual({ reason: unreadable?.reason, count: records.length }, { reason, count: 0 })
  })

  it("a batch that lies before the one before it", () => {
    const [first, second] = [placed(rawBatch(record("a")), 8), placed(rawBatch(record("b")), 8)]
    assert.deepStrictEqual(textsOf(Buffer.concat([first, second])), ["a"])
    assert.strictEqual(reasonOf(Buffer.concat([first, second])), "it lies before its predecessor")
  })

  it("times that no date has are clamped", () => {
    for (const [high, expected] of [[0x7fffffff, 8.64e15], [-0x80000000, 0], [-1, 0]] as const) {
      const batch = rawBatch(record("a"))
      batch.writeInt32BE(high, 27)
      assert.deepStrictEqual(readSet({ bytes: withCrc(batch) }).records.map(({ time }) => time), [expected])
    }
  })
})

const mebibyte = 1_048_576

describe("a batch that does not decompress", () => {
  const garbage = Buffer.from("this is in no way compressed, whatever its codec says")

  it.each([1, 2, 3, 4])("gives one record in its place, and the lane goes on: codec %i", (codec) => {
    const bytes = Buffer.concat([
      recordSet([[entry("before")]]),
      placed(rawBatch(garbage, { codec, count: 9 }), 1),
      recordSet([[entry("behind")]], 10)
    ])
    const read = readSet({ bytes })
    assert.deepStrictEqual(textsOf(bytes), ["before", "records 1 to 9: their batch does not decompress", "behind"])
    assert.deepStrictEqual(read.records.map(({ key, offset, time }) => [key, offset, time]), [
      ["k", 0, time],
      [null, 9, time],
      ["k", 10, time]
    ])
    assert.deepStrictEqual(readSet({ bytes, from: 9 }).records.map(({ offset }) => offset), [9, 10])
    assert.deepStrictEqual(readSet({ bytes, from: 10 }).records.map(({ offset }) => offset), [10])
    assert.strictEqual(readSet({ bytes }, { maxChunkRecords: 1 }).chunks, 3)
  })

  it.each<readonly [string, number, (bytes: Buffer) => Buffer]>([
    ["gzip", 1, (bytes) => gzipSync(bytes)],
    ["zstd", 4, (bytes) => zstdCompressSync(bytes)]
  ])("a bomb of more than 64 MiB gives one record too: %s", (_, codec, pack) => {
    const largest = Buffer.alloc(64 * mebibyte)
    const bomb = rawBatch(pack(Buffer.concat([largest, Buffer.alloc(1)])), { codec, count: 3 })
    assert.deepStrictEqual(textsOf(bomb), ["records 0 to 2: over 64 MiB decompressed"])
    assert.match(textsOf(rawBatch(pack(largest), { codec }))[0] ?? "", /the parts of a record do not fill it$/)
  })

  it("so does what decompresses to nonsense", () => {
    assert.match(textsOf(rawBatch(gzipSync(garbage), { codec: 1 }))[0] ?? "", /a record reaches beyond it$/)
  })
})

/** Whatever is encoded is read back as it was, in batches and chunks of any size. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry } from "@tailrace/log"
import * as fc from "fast-check"
import { batchesOf, encodedBytes } from "../../src/batch/BatchSize.ts"
import { encodeBatch } from "../../src/batch/EncodeBatch.ts"
import { formatMark, markOfFirstBatch, parseMark } from "../../src/batch/Mark.ts"
import { RecordSetReader } from "../../src/batch/RecordSetReader.ts"
import { batchesOfEntries, entryOf, placed, plain, recordSet, time } from "./Batches.ts"
import { readSet, readWith } from "./Reading.ts"

/** Lone surrogates cannot be written in UTF-8. */
const written = (text: string): string => Buffer.from(text).toString()

const expected = (entries: ReadonlyArray<Entry>, from: number) =>
  entries.map(({ headers, key, value }, index) => ({
    key: key === null ? null : written(key),
    value,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, text]) => [written(name), written(text)])
    ),
    offset: from + index,
    time
  }))

const farOffset = fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 31, max: 2 ** 52 }))

describe("round trip", () => {
  it("every record comes back as it was", () => {
    const reader = new RecordSetReader({ topic: "audit", lane: 0, maxChunkBytes: 1_000, maxChunkRecords: 20 })
    fc.assert(fc.property(batchesOfEntries, farOffset, (batches, from) => {
      const read = readWith(reader, { bytes: recordSet(batches, from), from, aborted: [] })
      assert.isUndefined(read.unreadable)
      assert.deepStrictEqual(read.records, expected(batches.flat(), from))
      assert.strictEqual(read.next, from + batches.flat().length)
    }))
  })

  it("what lies before the wanted offset is left out", () => {
    fc.assert(fc.property(batchesOfEntries, fc.nat(160), (batches, from) => {
      const all = batches.flat()
      const read = readSet({ bytes: recordSet(batches), from })
      assert.deepStrictEqual(read.records, expected(all, 0).slice(from))
      assert.strictEqual(read.next, Math.max(from, all.length))
    }))
  })

  it("a chunk keeps its bounds, but takes a larger record alone", () => {
    const entries = [10, 2_000, 10, 10, 500, 500].map((length) => ({ key: null, value: new Uint8Array(length) }))
    assert.strictEqual(readSet({ bytes: recordSet([entries]) }, { maxChunkBytes: 1_000 }).chunks, 4)
    assert.strictEqual(readSet({ bytes: recordSet([entries]) }, { maxChunkRecords: 4 }).chunks, 2)
    assert.strictEqual(readSet({ bytes: recordSet([entries]) }).chunks, 1)
  })

  it("records of 1 MiB and more pass", () => {
    const entries = [1, 1_048_576, 5, 3_000_000, 7].map((length) => ({ key: "k", value: new Uint8Array(length) }))
    const read = readSet({ bytes: recordSet([entries]) })
    assert.deepStrictEqual(read.records.map(({ value }) => value?.length), [1, 1_048_576, 5, 3_000_000, 7])
  })
})

describe("encodeBatch", () => {
  it("is as long as was measured", () => {
    fc.assert(fc.property(fc.array(entryOf, { minLength: 1 }), (entries) => {
      assert.strictEqual(encodeBatch(entries, plain).length, encodedBytes(entries))
    }))
  })

  it("lies in the memory it is given, if that is large enough", () => {
    const entries = [{ key: "a", value: Buffer.from("text") }]
    const memory = Buffer.alloc(100)
    const batch = encodeBatch(entries, { ...plain, memory })
    assert.deepStrictEqual(batch, encodeBatch(entries, plain))
    assert.strictEqual(batch.buffer, memory.buffer)
    assert.deepStrictEqual(encodeBatch(entries, { ...plain, memory: Buffer.alloc(10) }), batch)
  })

  it("batches are cut so that each fits, or holds one record", () => {
    fc.assert(fc.property(fc.array(entryOf), fc.integer({ min: 61, max: 3_000 }), (entries, maxBytes) => {
      const batches = batchesOf(entries, maxBytes)
      assert.deepStrictEqual(batches.flat(), entries)
      batches.forEach((batch, index) => {
        assert.isTrue(batch.length === 1 || encodeBatch(batch, plain).length <= maxBytes)
        const following = batches[index + 1]?.slice(0, 1) ?? []
        assert.isTrue(following.length === 0 || encodedBytes([...batch, ...following]) > maxBytes)
      })
    }))
  })
})

describe("marks", () => {
  it("are read as they were written", () => {
    fc.assert(fc.property(farOffset, fc.nat(0xffffffff), (baseOffset, crc) => {
      const mark = parseMark(formatMark(baseOffset, crc))
      assert.deepStrictEqual(mark, { baseOffset, crc: crc.toString(16).padStart(8, "0") })
    }))
  })

  it.each(["", "12", "12/abc", "-1/00000000", "1/0000000g", "x/00000000", "99999999999999999/00000000"])(
    "%s is none",
    (text) => {
      assert.isUndefined(parseMark(text))
    }
  )

  it("differ where a batch differs", () => {
    const markOf = (text: string, base: number) =>
      markOfFirstBatch(placed(encodeBatch([{ key: null, value: Buffer.from(text) }], plain), base))
    assert.strictEqual(new Set([markOf("a", 0), markOf("b", 0), markOf("a", 1)]).size, 3)
    assert.strictEqual(markOf("a", 0), markOf("a", 0))
  })
})

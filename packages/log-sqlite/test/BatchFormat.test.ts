import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeBatchBuilder } from "../src/BatchBuilder.ts"
import { BatchDamaged, decodeColumns, deltaAt, encodeColumns, indexAt } from "../src/BatchFormat.ts"
import { makeBufferPool } from "../src/BufferPool.ts"

const entry = fc.record({
  key: fc.option(fc.string({ unit: "binary", maxLength: 12 })),
  value: fc.option(fc.uint8Array({ maxLength: 200 })),
  headers: fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 8 }), {
    maxKeys: 2,
    noNullPrototype: true
  })
})

const decodeBatch = ({ bytes, columns }: { bytes: Uint8Array; columns: Uint8Array }) => {
  const decoded = decodeColumns(columns)
  const headers = new Map(decoded.headers)
  let start = 0
  return Array.from({ length: decoded.count }, (_, index) => {
    const length = decoded.lengths[index] ?? 0
    const value = length < 0 ? null : bytes.slice(start, start + length)
    if (value !== null) assert.strictEqual(bytes[start + length], 0x0a)
    start += length + 1
    return { key: decoded.keys[decoded.keyOf[index] ?? 0] ?? null, value, headers: headers.get(index) ?? {} }
  })
}

describe("BatchFormat", () => {
  it("whatever is built is read back as it was", () => {
    fc.assert(fc.property(fc.array(fc.array(entry, { maxLength: 20 }), { minLength: 1, maxLength: 4 }), (appends) => {
      const builder = makeBatchBuilder(makeBufferPool())
      const firsts = appends.map((entries) => builder.add(entries))
      const records = builder.finish().flatMap(decodeBatch)
      assert.deepStrictEqual(records, appends.flat())
      appends.reduce((count, entries, index) => {
        assert.strictEqual(firsts[index], count)
        return count + entries.length
      }, 0)
    }))
  })

  it("a batch is cut at 1 MiB and at 16,384 records", () => {
    const builder = makeBatchBuilder(makeBufferPool())
    builder.add(Array.from({ length: 1100 }, () => ({ key: "k", value: new Uint8Array(999) })))
    builder.add(Array.from({ length: 40_000 }, () => ({ key: "k", value: new Uint8Array(1) })))
    const batches = builder.finish()
    assert.deepStrictEqual(batches.map(({ count }) => count), [1048, 16_384, 16_384, 7284])
    assert.isTrue(batches.every(({ bytes }) => bytes.length <= 1_048_576))
  })

  it("long keys count against the bound too", () => {
    const builder = makeBatchBuilder(makeBufferPool())
    builder.add(Array.from({ length: 300 }, (_, index) => ({ key: `${index}`.padEnd(10_000), value: null })))
    assert.isAbove(builder.finish().length, 2)
  })

  it("offsets that are not dense are found by their delta", () => {
    const columns = { count: 3, lengths: [1, -1, 0], keyOf: [0, 0, 0], deltas: [2, 5, 9], keys: ["k"], headers: [] }
    const decoded = decodeColumns(encodeColumns(columns))
    assert.deepStrictEqual([0, 1, 2].map((index) => deltaAt(decoded, index)), [2, 5, 9])
    assert.deepStrictEqual([0, 2, 3, 5, 6, 9, 10].map((delta) => indexAt(decoded, delta)), [0, 0, 1, 1, 2, 2, 3])
  })

  it("a blob that was cut is damaged", () => {
    const blob = encodeColumns({ count: 1, lengths: [1], keyOf: [0], deltas: undefined, keys: ["k"], headers: [] })
    assert.throws(() => decodeColumns(blob.slice(0, -1)), BatchDamaged)
  })
})

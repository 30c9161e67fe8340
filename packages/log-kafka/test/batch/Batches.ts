/** Makes record batches for tests, right ones and wrong ones. */
import { crc32c } from "@node-rs/crc32"
import type { Entry } from "@tailrace/log"
import * as fc from "fast-check"
import { bodyAt, headerBytes } from "../../src/batch/BatchHeader.ts"
import { encodeBatch, notIdempotent } from "../../src/batch/EncodeBatch.ts"

export const time = 1_790_000_000_000

export const plain = { ...notIdempotent, isTransactional: false, timestamp: time }

/** As the broker does when it takes a batch. */
export const placed = (batch: Buffer, baseOffset: number): Buffer => {
  batch.writeInt32BE(Math.floor(baseOffset / 2 ** 32), 0)
  batch.writeUInt32BE(baseOffset % 2 ** 32, 4)
  return batch
}

/** After the body was changed. */
export const withCrc = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(crc32c(batch.subarray(bodyAt)), 17)
  return batch
}

/** Batches one behind the other, offsets dense from `from` on. */
export const recordSet = (batches: ReadonlyArray<ReadonlyArray<Entry>>, from = 0): Buffer => {
  let next = from
  return Buffer.concat(batches.map((entries) => {
    const base = next
    next += entries.length
    return placed(encodeBatch(entries, plain), base)
  }))
}

/** A batch whose records are these bytes, whatever they are. */
export const rawBatch = (
  records: Uint8Array,
  head: { readonly codec?: number; readonly count?: number; readonly lastOffsetDelta?: number } = {}
): Buffer => {
  const { codec = 0, count = 1, lastOffsetDelta = Math.max(0, count - 1) } = head
  const batch = Buffer.concat([encodeBatch([{ key: null, value: null }], plain).subarray(0, headerBytes), records])
  batch.writeInt32BE(batch.length - 12, 8)
  batch.writeInt16BE(codec, 21)
  batch.writeInt32BE(lastOffsetDelta, 23)
  batch.writeInt32BE(count, 57)
  return withCrc(batch)
}

/** Few keys, so that they repeat; all kinds of letters, lone surrogates too. */
const key = fc.option(fc.oneof(
  fc.constantFrom("a.example.com", "b.example.com", "", "ключ", "k".repeat(63), "k".repeat(64), "é".repeat(63)),
  fc.string({ unit: "binary", maxLength: 300 })
))

export const entryOf = fc.record({
  key,
  value: fc.option(fc.uint8Array({ maxLength: 200 })),
  headers: fc.dictionary(fc.string({ unit: "binary", maxLength: 70 }), fc.string({ unit: "binary", maxLength: 70 }), {
    maxKeys: 3,
    noNullPrototype: true
  })
}, { requiredKeys: ["key", "value"] })

export const batchesOfEntries = fc.array(fc.array(entryOf, { minLength: 1, maxLength: 30 }), {
  minLength: 1,
  maxLength: 5
})

import { assert, describe, it } from "@effect/vitest"
import { buildChunk } from "@tailrace/log"
import { Effect } from "effect"
import * as fc from "fast-check"
import { check } from "../src/read/Checked.ts"
import { type Batch, open } from "../src/receiving/Batch.ts"
import { Batching } from "../src/receiving/Batching.ts"
import { Buffers, bufferSize } from "../src/receiving/Buffers.ts"
import { Parcel } from "../src/receiving/Parcel.ts"
import { takeDone } from "../src/receiving/Prefix.ts"
import { Requests } from "../src/receiving/Requests.ts"
import { text } from "./harness.ts"

const MiB = 1024 * 1024
const decoder = new TextDecoder()

const makeBatching = (target = { bytes: 1000, records: 10 }, receiversBytes = 16 * MiB) => {
  const requests = new Requests(
    { receiversBytes, legShareBytes: 8 * MiB },
    { compress: (_, frame) => Effect.sync(() => frame.slice()) }
  )
  let woken = 0
  const batching = new Batching({
    requests,
    rules: () => null,
    filtered: () => {},
    isFailing: () => false,
    wake: () => void woken++,
    hungry: () => {}
  }, target)
  batching.mode = "live"
  return { batching, requests, woken: () => woken }
}

const chunkOf = (values: ReadonlyArray<string>, from = 0) =>
  buildChunk({
    topic: "flow",
    lane: 0,
    from,
    next: from + values.length,
    records: values.map((value, index) => ({ key: "example.com", value: text(value), offset: from + index, time: 0 }))
  })

const valuesOf = (parcel: Parcel): ReadonlyArray<string> => {
  const { bytes, count, ends, starts } = parcel.records
  return Array.from({ length: count }, (_, n) => decoder.decode(bytes.subarray(starts[n], ends[n])))
}

const line = (n: number, size = 20) => JSON.stringify({ logged: "2026-01-01T00:00:00Z", n, x: "x".repeat(size) })

/** All that can be sent, in the order in which it would be. */
const parcelsOf = (batching: Batching, bytesMax = Infinity): ReadonlyArray<Parcel> => {
  batching.closeLast()
  const parcels: Array<Parcel> = []
  for (let parcel = batching.next(bytesMax); parcel !== null; parcel = batching.next(bytesMax)) parcels.push(parcel)
  return parcels
}

describe("gathering", () => {
  const values = fc.array(
    fc.oneof(
      { weight: 8, arbitrary: fc.record({ n: fc.nat(), x: fc.string({ maxLength: 300, unit: "grapheme" }) }) },
      { weight: 1, arbitrary: fc.constant(null) }
    ).map((fields) => fields === null ? "junk" : JSON.stringify({ logged: "2026-01-01T00:00:00Z", ...fields })),
    { minLength: 1, maxLength: 80 }
  )
  const cuts = fc.record({
    values,
    chunk: fc.integer({ min: 1, max: 30 }),
    bytes: fc.integer({ min: 50, max: 3000 }),
    records: fc.integer({ min: 1, max: 40 }),
    most: fc.integer({ min: 50, max: 3000 })
  })

  it.each(fc.sample(cuts, { numRuns: 200, seed: 1 }))(
    "parcels are the records in log order, however chunks, batches and parcels are cut: %#",
    ({ bytes, chunk, most, records, values }) => {
      const { batching, requests } = makeBatching({ bytes, records })
      for (let from = 0; from < values.length; from += chunk) {
        const part = chunkOf(values.slice(from, from + chunk), from)
        assert.strictEqual(batching.feed(check(part, 10_000), 0, part.count), part.count)
      }
      const parcels = parcelsOf(batching, most)
      assert.deepStrictEqual(parcels.flatMap(valuesOf), values.filter((value) => value !== "junk"))
      for (const parcel of parcels) {
        assert.isAtMost(parcel.count, records)
        if (parcel.count > 1) assert.isAtMost(parcel.bytes, Math.min(bytes, most) + parcel.count)
      }
      for (const { batch, end, from } of parcels) {
        for (let index = from; index < end; index++) if (batch.isOpen(index)) batch.take(index)
      }
      const done = takeDone(batching.batches, null, { refusedRecords: 1000, refusedBytes: MiB })
      assert.strictEqual(done?.to, values.length)
      assert.strictEqual((done?.count ?? 0) + (done?.refused.length ?? 0), values.length)
      batching.releaseDone()
      assert.strictEqual(requests.budget.usedBytes, 0)
    }
  )

  it("a value that had `logged` put in front is sent so", () => {
    const { batching } = makeBatching()
    const part = chunkOf([line(1), "{\"a\":1}", line(2)])
    batching.feed(check(part, 1000), 0, 3)
    const expected = [line(1), "{\"logged\":\"1970-01-01T00:00:00.000Z\",\"a\":1}", line(2)]
    assert.deepStrictEqual(parcelsOf(batching).flatMap(valuesOf), expected)
  })

  it("over its share it takes nothing more, tells the place, and is hungry again when half is gone", () => {
    const { batching } = makeBatching({ bytes: 8192, records: 1000 }, MiB)
    const part = chunkOf(Array.from({ length: 100 }, (_, n) => line(n, 4000)))
    const stopped = batching.feed(check(part, 10_000), 0, part.count)
    assert.isAbove(stopped, 10)
    assert.isBelow(stopped, 90)
    batching.mode = "catching"
    assert.isFalse(batching.isHungry)
    assert.isAtMost(batching.heldBytes, 256 * 1024)
    const [first] = batching.batches
    first?.takeAll(0, first.count)
    takeDone(batching.batches, null, { refusedRecords: 1, refusedBytes: 1 })
    batching.releaseDone()
    assert.isFalse(batching.isHungry)
    for (const batch of batching.batches) batch.takeAll(0, batch.count)
    takeDone(batching.batches, null, { refusedRecords: 1, refusedBytes: 1 })
    batching.releaseDone()
    assert.isTrue(batching.isHungry)
  })

  it("what is below its place is not taken", () => {
    const { batching } = makeBatching()
    batching.at = 3
    const part = chunkOf([0, 1, 2, 3, 4].map((n) => line(n)))
    assert.strictEqual(batching.feed(check(part, 1000), 0, 5), 5)
    assert.deepStrictEqual(parcelsOf(batching).flatMap(valuesOf), [line(3), line(4)])
  })

  it("what is sent again goes before anything new, in log order", () => {
    const { batching } = makeBatching({ bytes: 1000, records: 2 })
    const part = chunkOf([0, 1, 2, 3, 4, 5].map((n) => line(n)))
    batching.feed(check(part, 1000), 0, 6)
    const first = batching.next(Infinity)
    const second = batching.next(Infinity)
    assert.isNotNull(first)
    assert.isNotNull(second)
    batching.sendAgain(second)
    batching.sendAgain(first.pick([1]))
    assert.deepStrictEqual(parcelsOf(batching).flatMap(valuesOf), [1, 2, 3, 4, 5].map((n) => line(n)))
  })
})

describe("the acknowledged prefix", () => {
  const most = { refusedRecords: 1000, refusedBytes: MiB }

  const batchOf = (count: number): Batch => {
    const { batching } = makeBatching({ bytes: MiB, records: 1000 })
    const part = chunkOf(Array.from({ length: count }, (_, n) => line(n)))
    batching.feed(check(part, 1000), 0, count)
    const [batch] = batching.batches
    if (batch === undefined) throw new Error("no batch")
    return batch
  }

  it("ends before the first hole, and goes on when that is filled", () => {
    const batch = batchOf(6)
    for (const index of [0, 1, 3, 5]) batch.take(index)
    batch.refuse(4, "bad")
    const first = takeDone([batch], null, most)
    assert.deepInclude(first, { from: 0, to: 2, count: 2 })
    assert.deepStrictEqual(takeDone([batch], first, most), first)
    assert.isNull(takeDone([batch], null, most))
    assert.isFalse(batch.isAllOpen)
    batch.take(2)
    const done = takeDone([batch], first, most)
    assert.deepInclude(done, { from: 0, to: 6, count: 5 })
    assert.deepStrictEqual(done?.refused.map(({ offset, reason }) => ({ offset, reason })), [{
      offset: 4,
      reason: "bad"
    }])
  })

  it("has no more refused records than may be in one commit", () => {
    const batch = batchOf(10)
    for (let index = 0; index < 10; index++) batch.refuse(index, "bad")
    const ends = [3, 6, 9, 10].map(() => takeDone([batch], null, { ...most, refusedRecords: 3 })?.to)
    assert.deepStrictEqual(ends, [3, 6, 9, 10])
  })

  it("a parcel of some records of a batch names the right ones", () => {
    const batch = batchOf(10)
    assert.isTrue(batch.verdicts.subarray(0, 10).every((verdict) => verdict === open))
    const parcel = Parcel.of(batch, [1, 3, 4, 8])
    assert.deepStrictEqual(valuesOf(parcel), [1, 3, 4, 8].map((n) => line(n)))
    assert.deepStrictEqual(valuesOf(parcel.slice(1, 3)), [line(3), line(4)])
    assert.isNull(parcel.slice(1, 3).picked)
    assert.deepStrictEqual(valuesOf(parcel.pick([0, 3])), [line(1), line(8)])
    assert.strictEqual(parcel.countWithin(1), 1)
  })
})

describe("what is known of records that are read again", () => {
  it("those behind a hole are not sent a second time, and refused ones keep their reason", () => {
    const { batching } = makeBatching({ bytes: MiB, records: 1000 })
    const lines = Array.from({ length: 8 }, (_, n) => line(n))
    const part = chunkOf(lines)
    batching.feed(check(part, 1000), 0, 8)
    const [batch] = batching.batches
    for (const index of [0, 2, 3, 6]) batch?.take(index)
    batch?.refuse(4, "bad")
    takeDone(batching.batches, null, { refusedRecords: 10, refusedBytes: MiB })
    batching.detach(1)
    batching.feed(check(part, 1000), 0, 8)
    assert.deepStrictEqual(parcelsOf(batching).flatMap(valuesOf), [1, 5, 7].map((n) => line(n)))
    const [again] = batching.batches
    assert.strictEqual(again?.reasons.get(3), "bad")
  })
})

describe("buffers", () => {
  it("are used again, and what is kept is bounded", () => {
    const buffers = new Buffers()
    const first = buffers.take(10_000)
    assert.strictEqual(first.length, bufferSize(10_000))
    buffers.give(first)
    assert.strictEqual(buffers.take(16_000), first)
    const many = Array.from({ length: 20 }, () => buffers.take(MiB))
    for (const buffer of many) buffers.give(buffer)
    assert.strictEqual(many.filter(({ length }) => length === 0).length, 4)
  })
})

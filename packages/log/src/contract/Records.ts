/** Order, and what a record may be. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type LogRecord, recordsOf } from "../Chunk.ts"
import type { Entry } from "../Log.ts"
import { maxValueBytes } from "../RecordLimit.ts"
import {
  assertFields,
  bytesOf,
  type Check,
  chunksOf,
  entriesOf,
  entryOf,
  read,
  readTexts,
  refusalOf,
  textOf
} from "./Subject.ts"

const order: Check = {
  name: "records keep the order of their appends, with ascending offsets, topics and lanes apart",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const first = yield* log.append("flow", 1, entriesOf("a", 3))
    yield* log.append("flow", 0, entriesOf("other lane", 2))
    yield* log.append("audit", 1, entriesOf("other topic", 2))
    const second = yield* log.append("flow", 1, entriesOf("b", 2))
    const records = yield* read(log, { topic: "flow", lane: 1 })
    assert.deepStrictEqual(records.map(textOf), ["a-0", "a-1", "a-2", "b-0", "b-1"])
    assert.strictEqual(first.baseOffset, records[0]?.offset)
    assert.strictEqual(second.baseOffset, records[3]?.offset)
    assert.isTrue(records.every(({ offset }, index) => index === 0 || offset > (records[index - 1]?.offset ?? -1)))
  })
}

const concurrent: Check = {
  name: "appends at the same time do not mix, and each is told its own offset",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const names = Array.from({ length: 60 }, (_, index) => `n${index}`)
    const bases = yield* Effect.forEach(names, (name) => log.append("flow", 0, entriesOf(name, 3)), {
      concurrency: "unbounded"
    })
    const records = yield* read(log, { topic: "flow" })
    assert.strictEqual(records.length, 180)
    names.forEach((name, index) => {
      const at = records.findIndex(({ offset }) => offset === bases[index]?.baseOffset)
      assert.deepStrictEqual(records.slice(at, at + 3).map(textOf), [`${name}-0`, `${name}-1`, `${name}-2`])
    })
  })
}

const oddEntries: ReadonlyArray<Entry> = [
  { key: "example.com", value: bytesOf("{}"), headers: { reason: "naïve ✓", "x\ny": "" } },
  { key: "example.com", value: new Uint8Array(0) },
  { key: "пример.例え/🦊", value: bytesOf("日本") },
  { key: null, value: bytesOf("no key") },
  { key: "", value: Uint8Array.of(0, 10, 13, 255, 10) },
  { key: "gone", value: null },
  { key: "gone", value: null, headers: { last: "1" } },
  { key: "\u0000\"\n\ud800", value: bytesOf("end") }
]

/** A key is text: half of a surrogate pair may come back as the replacement character. */
const plain = ({ headers = {}, key, value }: Entry | LogRecord) => ({
  key: key?.toWellFormed() ?? null,
  value: value && [...value],
  headers
})

const oddRecords: Check = {
  name: "headers, empty values, tombstones, null keys and keys and values of any characters come back as they were",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    yield* log.append("quarantine", 0, oddEntries)
    const expected = oddEntries.map(plain)
    assert.deepStrictEqual((yield* read(log, { topic: "quarantine" })).map(plain), expected)
    const later = yield* read(log, { topic: "quarantine", from: 5, until: expected.length })
    assert.deepStrictEqual(later.map(plain), expected.slice(5))
    yield* log.append("secrets", 0, [{ key: "only a tombstone", value: null }])
    assert.deepStrictEqual((yield* read(log, { topic: "secrets" })).map(plain), [
      { key: "only a tombstone", value: null, headers: {} }
    ])
  })
}

const copies: Check = {
  name: "an append takes its own copy of the values",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const body = bytesOf("first|second")
    yield* log.append("flow", 0, [
      { key: null, value: body.subarray(0, 5) },
      { key: null, value: body.subarray(6) }
    ])
    assert.strictEqual(body.length, 12)
    body.fill(0)
    assert.deepStrictEqual(yield* readTexts(log, { topic: "flow" }), ["first", "second"])
  })
}

const manyKeys: Check = {
  name: "10,000 keys in one append",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const entries = Array.from({ length: 20_000 }, (_, index) => entryOf(`v${index}`, `key-${index % 10_000}`))
    yield* log.append("flow", 0, entries)
    const records = yield* read(log, { topic: "flow" })
    assert.strictEqual(records.length, 20_000)
    assert.isTrue(
      records.every((record, index) => record.key === `key-${index % 10_000}` && textOf(record) === `v${index}`)
    )
  })
}

const largest: Check = {
  name: "a record of exactly 1 MiB is taken; with one byte more nothing of the append is",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const value = new Uint8Array(maxValueBytes).fill(0x78)
    yield* log.append("audit", 0, [entryOf("before"), { key: "k", value }, entryOf("after")])
    const tooLong = { key: "k", value: new Uint8Array(maxValueBytes + 1) }
    const error = yield* refusalOf(log.append("audit", 0, [entryOf("not taken"), tooLong]))
    assertFields(error, { _tag: "RecordTooLarge", bytes: maxValueBytes + 1, maxBytes: maxValueBytes })
    const records = yield* read(log, { topic: "audit" })
    assert.deepStrictEqual(records.map((record) => record.value?.length), [6, maxValueBytes, 5])
    assert.isTrue(records[1]?.value?.every((byte) => byte === 0x78))
  })
}

const nothing: Check = {
  name: "an append of no entries takes no offset",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    yield* log.append("audit", 0, [entryOf("a")])
    assert.deepStrictEqual(yield* log.append("audit", 0, []), { baseOffset: 1 })
    assert.strictEqual((yield* log.bounds("audit", 0)).next, 1)
  })
}

const columns: Check = {
  name: "chunks are bounded, follow each other without a gap, and values that lie side by side are joined by newlines",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const value = new Uint8Array(1000).fill(0x79)
    for (let batch = 0; batch < 16; batch++) {
      yield* log.append("flow", 0, Array.from({ length: 500 }, () => ({ key: `k${batch}`, value })))
    }
    const chunks = yield* chunksOf(log, { topic: "flow", from: 250 }, (chunk) => {
      for (let index = 1; index < chunk.count; index++) {
        const end = (chunk.starts[index - 1] ?? 0) + (chunk.lengths[index - 1] ?? 0)
        if (chunk.starts[index] === end + 1) assert.strictEqual(chunk.bytes[end], 0x0a)
      }
      assert.isAtMost(chunk.bytes.byteLength, 4 * 1_048_576)
      assert.strictEqual(new Set(chunk.keys).size, chunk.keys.length)
      return { from: chunk.from, next: chunk.next, count: recordsOf(chunk).length }
    })
    assert.strictEqual(chunks[0]?.from, 250)
    assert.isTrue(chunks.every(({ from }, index) => index === 0 || from === chunks[index - 1]?.next))
    assert.strictEqual(chunks.reduce((sum, { count }) => sum + count, 0), 7750)
  })
}

export const records: ReadonlyArray<Check> = [
  order,
  concurrent,
  oddRecords,
  copies,
  manyKeys,
  largest,
  nothing,
  columns
]

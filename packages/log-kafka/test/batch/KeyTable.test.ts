/** Keys are told apart by their bytes, and each stands once in a chunk, whichever way it was found. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { KeyTable } from "../../src/batch/KeyTable.ts"

const indexOf = (table: KeyTable, key: Uint8Array | null): number => {
  const padding = Buffer.from("xx")
  return key === null
    ? table.indexOf(padding, 0, -1)
    : table.indexOf(Buffer.concat([padding, key, padding]), padding.length, key.length)
}

const textOf = (key: Uint8Array | null): string | null => key === null ? null : Buffer.from(key).toString()

/** Against a plain map, chunk after chunk. */
const check = (chunks: ReadonlyArray<ReadonlyArray<Uint8Array | null>>): void => {
  const table = new KeyTable()
  for (const chunk of chunks) {
    table.begin()
    const known = new Map<string | null, number>()
    for (const key of chunk) {
      const expected = known.get(textOf(key)) ?? known.size
      known.set(textOf(key), expected)
      if (indexOf(table, key) !== expected) assert.fail(`${textOf(key)} is not key ${expected}`)
    }
    assert.deepStrictEqual(table.keys, [...known.keys()])
  }
}

const key = fc.option(fc.oneof(
  fc.constantFrom("a", "b", "ab", "", "k".repeat(256), "k".repeat(257)).map((text) => Buffer.from(text)),
  // Not all of it is UTF-8: several of these have the same text.
  fc.uint8Array({ maxLength: 3 })
))

describe("KeyTable", () => {
  it("each key stands once, in the order of their first records", () => {
    fc.assert(fc.property(fc.array(fc.array(key, { maxLength: 100 }), { maxLength: 5 }), check))
  })

  it("more keys than it remembers", () => {
    const keys = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => Buffer.from(`tailnet-${from + index}`))
    const many = keys(0, 10_000)
    check([[...many, ...many], many.toReversed(), [...keys(5_000, 8_192), ...many], keys(0, 3), [null, ...many]])
  })

  it("keys chosen to collide", () => {
    // FNV-1a forgets nothing of its state: two keys that collide still do so with the same end.
    const table = new Map<number, Buffer>()
    const hash = (bytes: Buffer) => bytes.reduce((state, byte) => Math.imul(state ^ byte, 0x01000193), 0x811c9dc5)
    const slot = (bytes: Buffer) => (hash(bytes) ^ (hash(bytes) >>> 15)) & 0xff
    const colliding = Array.from({ length: 60_000 }, (_, index) => Buffer.from(`k${index}`))
      .filter((bytes) => slot(bytes) === 7).slice(0, 120)
    colliding.forEach((bytes) => table.set(hash(bytes), bytes))
    assert.isTrue(colliding.length > 64 && table.size === colliding.length)
    check([[...colliding, ...colliding], colliding.toReversed()])
  })
})

import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { giveBackMemory, largeBytes, takeMemory } from "../../src/wire/LargeMemory.ts"
import { Frames } from "../../src/wire/Frames.ts"

const framed = (body: Uint8Array): Buffer => {
  const head = Buffer.alloc(4)
  head.writeInt32BE(body.length)
  return Buffer.concat([head, body])
}

/** All that comes out when the bytes come in pieces of these sizes, each piece's memory used again at once. */
const through = (bytes: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const frames = new Frames()
  const shared = Buffer.alloc(65_536)
  const found: Array<Buffer> = []
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.min(sizes[turn % sizes.length] ?? 1, bytes.length - at, shared.length)
    bytes.copy(shared, 0, at, at + size)
    found.push(...frames.push(shared.subarray(0, size)))
    shared.fill(0xff, 0, size)
    at += size
  }
  return found
}

const pieces = fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 8 })

describe("Frames", () => {
  it("gives each answer whole, however it was cut", () => {
    const bodies = fc.array(fc.oneof(fc.uint8Array({ maxLength: 40 }), large), { maxLength: 12 })
    fc.assert(fc.property(bodies, pieces, (answers, sizes) => {
      const frames = answers.map(framed)
      const found = through(Buffer.concat(frames), sizes)
      assert.strictEqual(found.length, frames.length)
      assert.isTrue(found.every((answer, index) => frames[index]?.equals(answer)))
    }))
  })

  it("passes on what is no answer of Kafka's, and comes back after a very large one", () => {
    const text = Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")
    const huge = framed(Buffer.alloc(17 * 1_048_576, 7))
    const small = framed(Buffer.from("next"))
    const negative = Buffer.from([0x80, 0, 0, 1, 2, 3])
    for (const bytes of [text, negative]) {
      fc.assert(fc.property(pieces, (sizes) => assert.isTrue(Buffer.concat(through(bytes, sizes)).equals(bytes))))
    }
    assert.isTrue(Buffer.concat(through(Buffer.concat([huge, small]), [50_000])).equals(Buffer.concat([huge, small])))
    assert.isTrue(through(Buffer.concat([huge, small]), [65_536]).at(-1)?.equals(small))
  })
})

const large = fc.integer({ min: largeBytes - 4, max: 2 * largeBytes }).map((size) => Buffer.alloc(size, size))

describe("the memory of answers", () => {
  it("is used again when it was given back, and only then", () => {
    const first = takeMemory(600_000)
    const second = takeMemory(600_000)
    assert.notStrictEqual(first.buffer, second.buffer)
    giveBackMemory(first.subarray(10, 20))
    giveBackMemory(first)
    const third = takeMemory(500_000)
    assert.strictEqual(third.buffer, first.buffer)
    assert.strictEqual(third.length, 500_000)
    assert.notStrictEqual(takeMemory(500_000).buffer, first.buffer)
  })

  it("takes nothing that is not its own, and keeps a bounded amount", () => {
    const foreign = Buffer.alloc(300_000)
    giveBackMemory(foreign)
    assert.notStrictEqual(takeMemory(300_000).buffer, foreign.buffer)
    const many = Array.from({ length: 40 }, () => takeMemory(1_000_000))
    for (const memory of many) giveBackMemory(memory)
    const again = new Set(Array.from({ length: 40 }, () => takeMemory(1_000_000).buffer))
    assert.isAtMost(many.filter(({ buffer }) => again.has(buffer)).length, 12)
  })
})

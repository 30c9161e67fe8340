/** The parts of appending that need no cluster: the gate, stamps, what merges into one batch. */
import { assert, describe, it } from "@effect/vitest"
import type { Entry } from "@tailrace/log"
import { Effect, Fiber } from "effect"
import * as fc from "fast-check"
import { encodeBatch } from "../../src/batch/EncodeBatch.ts"
import { encodedBytes } from "../../src/batch/BatchSize.ts"
import { AppendQueue, cut, maxBatchBytes } from "../../src/write/AppendQueue.ts"
import { ByteGate } from "../../src/write/ByteGate.ts"
import { advanced, restamp } from "../../src/write/Stamp.ts"

const entryOf = (bytes: number): Entry => ({ key: "k", value: new Uint8Array(bytes).fill(0x61) })

describe("ByteGate", () => {
  it.effect("lets in what fits, in the order of coming; the small do not pass the large", () =>
    Effect.gen(function*() {
      const gate = new ByteGate(10)
      const inside: Array<number> = []
      const enter = (bytes: number) =>
        Effect.forkChild(Effect.tap(gate.enter(bytes), () => Effect.sync(() => inside.push(bytes))), {
          startImmediately: true
        })
      yield* enter(6)
      yield* enter(20)
      const leaving = yield* enter(5)
      yield* enter(4)
      assert.deepStrictEqual(inside, [6])
      yield* Fiber.interrupt(leaving)
      gate.leave(6)
      yield* Effect.yieldNow
      assert.deepStrictEqual(inside, [6, 20], "too large for the gate: alone")
      gate.leave(20)
      yield* Effect.yieldNow
      assert.deepStrictEqual(inside, [6, 20, 4])
    }))

  it.effect("whoever leaves the line lets the next one in", () =>
    Effect.gen(function*() {
      const gate = new ByteGate(10)
      yield* gate.enter(6)
      const large = yield* Effect.forkChild(gate.enter(9), { startImmediately: true })
      const small = yield* Effect.forkChild(gate.enter(2), { startImmediately: true })
      yield* Fiber.interrupt(large)
      yield* Fiber.join(small)
    }))
})

describe("stamps", () => {
  it("a batch given to another producer is what it would have been if encoded for it", () =>
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 32_767 }), fc.nat(), (producerId, producerEpoch, baseSequence) => {
        const options = { isTransactional: false, timestamp: 1_700_000_000_000 }
        const entries = [entryOf(3), entryOf(0)]
        const batch = encodeBatch(entries, { ...options, producerId: 7, producerEpoch: 0, baseSequence: 12 })
        restamp(batch, { producerId, producerEpoch, baseSequence })
        const expected = encodeBatch(entries, { ...options, producerId, producerEpoch, baseSequence })
        assert.deepStrictEqual(batch, expected)
      })
    ))

  it("after 2^31 − 1 comes 0", () => {
    assert.strictEqual(advanced(2 ** 31 - 1, 1), 0)
    assert.strictEqual(advanced(2 ** 31 - 2, 5), 3)
  })
})

describe("AppendQueue", () => {
  it("each batch fits, all is there in order, and every byte is released once", () =>
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat({ max: 400_000 }), { minLength: 1, maxLength: 6 })), (appends) => {
        let waiting = 0
        const queue = new AppendQueue((bytes) => waiting -= bytes)
        const all = appends.map((sizes) => sizes.map(entryOf))
        for (const entries of all) {
          const parts = cut(entries)
          waiting += parts.bytes
          queue.add(parts, 0)
        }
        const sent: Array<Entry> = []
        while (!queue.isEmpty) {
          const sealed = queue.seal()
          assert.isAtMost(encodedBytes(sealed.entries), maxBatchBytes)
          queue.settle(sealed, sent.length)
          sent.push(...sealed.entries)
        }
        assert.isTrue(sent.every((entry, index) => entry === all.flat()[index]))
        assert.deepStrictEqual([sent.length, waiting], [all.flat().length, 0])
      }),
      { numRuns: 50 }
    ))
})

import { assert, describe, it } from "@effect/vitest"
import { laneOf, murmur2 } from "@tailrace/log"

describe("LaneOf", () => {
  // The cases of Kafka's own UtilsTest.testMurmur2 (clients/src/test/java/org/apache/kafka/common/utils).
  const published: ReadonlyArray<readonly [string, number]> = [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107]
  ]

  for (const [name, expected] of published) {
    it(`murmur2 of ${name} is what Kafka's Java client computes`, () => {
      assert.strictEqual(murmur2(new TextEncoder().encode(name)), expected)
    })
  }

  it("a lane is the positive hash modulo the number of lanes", () => {
    assert.strictEqual(laneOf("foobar", 12), (-790332482 & 0x7fffffff) % 12)
    assert.strictEqual(laneOf("abc", 2), 1)
    assert.strictEqual(laneOf("", 1), 0)
  })

  it("names in other scripts are hashed as UTF-8 and spread over all lanes", () => {
    const lanes = new Set(Array.from({ length: 200 }, (_, index) => laneOf(`тэйлнет-${index}.例え`, 12)))
    assert.strictEqual(lanes.size, 12)
  })
})

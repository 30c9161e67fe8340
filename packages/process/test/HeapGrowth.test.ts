import { assert, describe, it } from "@effect/vitest"
import { heapGrowth } from "../src/HeapGrowth.ts"

const MiB = 1024 * 1024

describe("growth of the heap", () => {
  for (const [living, percent] of [[10, 200], [20, 100], [40, 50], [50, 40], [400, 40]] as const) {
    it(`of ${living} MiB: ${percent} %`, () => assert.strictEqual(heapGrowth(living * MiB), percent))
  }

  it("of nothing is bounded", () => assert.strictEqual(heapGrowth(0), 400))
})

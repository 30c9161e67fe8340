import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type KeyOptions, objectKey } from "../src/index.ts"

const noon = Date.UTC(2024, 3, 22, 12, 34, 56)
const base: KeyOptions = {
  prefix: "audit-logs/",
  layout: "documented",
  codec: "zstd",
  millis: noon,
  last: null,
  id: null
}

describe("objectKey", () => {
  it.each(
    [
      ["the documented form", {}, "audit-logs/2024/04/22/12:34:56.json.zst"],
      ["the live form", { layout: "live", codec: "gzip" }, "audit-logs/2024/04/22/2024-04-22-12-34-56.ndjson.gz"],
      ["a prefix verbatim", { prefix: "audit", codec: "none" }, "audit2024/04/22/12:34:56.json"],
      [
        "the same second",
        { last: "audit-logs/2024/04/22/12:34:56.json.zst" },
        "audit-logs/2024/04/22/12:34:56_1.json.zst"
      ],
      [
        "the clock went back",
        { last: "audit-logs/2024/04/23/00:00:00_4.json" },
        "audit-logs/2024/04/23/00:00:00_5.json.zst"
      ],
      ["another prefix before", { last: "other/2024/04/23/00:00:00.json" }, "audit-logs/2024/04/22/12:34:56.json.zst"],
      ["with the seal's id", { id: "0a1b2c" }, "audit-logs/2024/04/22/12:34:56-0a1b2c.json.zst"],
      [
        "a lane that is not the tailnet's own",
        { share: { n: 3, of: 12 } },
        "audit-logs/2024/04/22/12:34:56_3.json.zst"
      ],
      [
        "its next key in the same second",
        { share: { n: 3, of: 12 }, last: "audit-logs/2024/04/22/12:34:56_3.json.zst" },
        "audit-logs/2024/04/22/12:34:56_a15.json.zst"
      ],
      [
        "a number of another share before",
        { share: { n: 3, of: 4 }, last: "audit-logs/2024/04/22/12:34:56_5.json.zst" },
        "audit-logs/2024/04/22/12:34:56_7.json.zst"
      ],
      ["a manifest", { content: "manifest", codec: "none" }, "audit-logs/2024/04/22/12:34:56.manifest.json"]
    ] as const
  )("%s", (_, options, expected) => {
    assert.strictEqual(objectKey({ ...base, ...options }), expected)
  })

  it("a leg's keys rise, whatever the clock, the codec and the probe do", () => {
    const seal = fc.record({
      jump: fc.integer({ min: -86_400_000, max: 86_400_000 }),
      codec: fc.constantFrom("none" as const, "zstd" as const, "gzip" as const),
      id: fc.constantFrom(null, "0a1b2c3d4e5f", "ffffffffffff")
    })
    const layout = fc.constantFrom("documented" as const, "live" as const)
    fc.assert(fc.property(layout, fc.array(seal, { minLength: 2, maxLength: 40 }), (layout, seals) => {
      let last: string | null = null
      let millis = noon
      for (const { codec, id, jump } of seals) {
        millis += Math.floor(jump / 1000) * (jump % 3 === 0 ? 0 : 1000)
        const key = objectKey({ ...base, layout, codec, id, millis, last })
        assert.isTrue(last === null || key > last, `${last} < ${key}`)
        last = key
      }
    }))
  })

  it("two lanes of a destination never want the same key", () => {
    const lanes = fc.integer({ min: 2, max: 64 })
    fc.assert(fc.property(lanes, fc.array(fc.nat(2), { maxLength: 40 }), (of, jumps) => {
      const keys = [0, 1, of - 1].flatMap((n) => {
        let millis = noon
        let last: string | null = null
        return jumps.map((jump) => {
          millis += jump * 1000
          return last = objectKey({ ...base, share: { n, of }, millis, last })
        })
      })
      assert.strictEqual(new Set(keys).size, new Set([0, 1, of - 1]).size * jumps.length)
    }))
  })

  it("keeps rising over thousands of seals in one second", () => {
    let last: string | null = null
    for (let n = 0; n < 12_345; n++) {
      const key: string = objectKey({ ...base, last })
      assert.isTrue(last === null || key > last)
      last = key
    }
    assert.isBelow(last?.length ?? 0, 60)
  })
})

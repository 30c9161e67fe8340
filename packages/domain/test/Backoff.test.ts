import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { ceilingMillis, delayMillis, untilPeriodEnd } from "../src/index.ts"

const limits = { baseMillis: 1000, capMillis: 300_000 }

describe("back-off", () => {
  it.each([[1, 1000], [2, 2000], [9, 256_000], [10, 300_000], [5000, 300_000]])(
    "failure %i waits at most %i",
    (failures, most) => {
      assert.strictEqual(ceilingMillis(limits, failures), most)
    }
  )

  it("is a random share of the ceiling, never before Retry-After, never beyond the cap", () => {
    const random = fc.double({ min: 0, max: 0.999, noNaN: true })
    const retryAfter = fc.option(fc.integer({ min: 0, max: 10_000_000 }))
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), retryAfter, random, (failures, retryAfterMillis, share) => {
      const delay = delayMillis(limits, { failures, retryAfterMillis }, share)
      assert.isAtLeast(delay, Math.min(retryAfterMillis ?? 0, limits.capMillis))
      assert.isAtMost(delay, limits.capMillis)
    }))
  })
})

describe("upload periods", () => {
  const destination = fc.string({ minLength: 1 })
  const period = fc.integer({ min: 5, max: 86_400 }).map((seconds) => seconds * 1000)
  const wall = fc.integer({ min: 0, max: 4_000_000_000_000 })

  it("end within one period, and at the same moments whenever one asks", () => {
    const moments = fc.record({ id: destination, millis: period, now: wall, later: fc.nat(1_000_000) })
    fc.assert(fc.property(moments, ({ id, later, millis, now }) => {
      const until = untilPeriodEnd(id, millis, now)
      assert.isTrue(until > 0 && until <= millis)
      assert.strictEqual((now + until) % millis, (now + later + untilPeriodEnd(id, millis, now + later)) % millis)
    }))
  })

  it("are spread", () => {
    const phases = new Set(
      Array.from({ length: 200 }, (_, n) => Math.floor(untilPeriodEnd(`dst_${n}`, 60_000, 0) / 1000))
    )
    assert.isAbove(phases.size, 40)
  })
})

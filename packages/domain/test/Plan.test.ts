import { assert, describe, it } from "@effect/vitest"
import { Feature, includes, Plan, streamingOf } from "../src/index.ts"

/** From the reference's table of plans. */
const matrix: Readonly<Record<Plan, ReadonlyArray<Feature>>> = {
  personal: ["configuration-streaming"],
  "personal-plus": ["configuration-streaming"],
  starter: [],
  standard: [],
  premium: ["flow-logs"],
  enterprise: ["flow-logs", "configuration-streaming", "network-streaming"]
}

describe("Plan", () => {
  it.each(Plan.literals)("%s", (plan) => {
    assert.deepStrictEqual(Feature.literals.filter((feature) => includes(plan, feature)), matrix[plan])
  })

  it("network streams need more than configuration streams", () => {
    assert.deepStrictEqual(Plan.literals.filter((plan) => includes(plan, streamingOf.network)), ["enterprise"])
  })
})

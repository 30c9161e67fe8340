/** Goal: nobody is fenced without permission, also when a claim takes several tries. Method: tries are made to fail. */
import { assert, describe, it } from "@effect/vitest"
import { LogUnavailable } from "@tailrace/log"
import { Effect } from "effect"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { makeClaimer } from "../../src/write/Claimer.ts"
import { inTime } from "./Fates.ts"
import { ModelCluster } from "./ModelCluster.ts"

const reach = { brokers: ["model:9092"], prefix: "m" }
const busy = { kind: "code", code: ErrorCode.CONCURRENT_TRANSACTIONS } as const

/** Claims lane 0 while the coordinator is busy twice; permission is given `times`. */
const claimWith = Effect.fnUntraced(function*(times: number) {
  const cluster = new ModelCluster()
  cluster.fates = [busy, busy]
  const refused = new LogUnavailable({ reason: "lane 0 is another's" })
  let asked = 0
  const mayClaim = () => Effect.suspend(() => asked++ < times ? Effect.void : Effect.fail(refused))
  const claimer = yield* makeClaimer(reach, mayClaim).pipe(Effect.provide(cluster.layer))
  const claimed = yield* inTime(Effect.result(claimer.claim(0)), 60)
  return { claimed, refused, asked, tries: cluster.calls.filter((name) => name === "InitProducerId").length }
})

describe("permission to claim", () => {
  it.effect("is asked for before each try", () =>
    Effect.gen(function*() {
      const { asked, claimed, tries } = yield* claimWith(Infinity)
      assert.deepStrictEqual([claimed._tag, asked, tries], ["Success", 3, 3])
    }))

  it.effect("refused between two tries: there is no further one", () =>
    Effect.gen(function*() {
      const { claimed, refused, tries } = yield* claimWith(2)
      assert.strictEqual(tries, 2)
      assert.strictEqual(claimed._tag === "Failure" ? claimed.failure : undefined, refused)
    }))
})

import { assert, describe, it } from "@effect/vitest"
import type { Recognition, Topic } from "@tailrace/log"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeLaneBounds } from "../../src/bounds/LaneBounds.ts"
import { makeRecognizes } from "../../src/bounds/Recognize.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { clusterOf, makeModelKafka, type ModelKafka, partition, topic } from "../topics/ModelKafka.ts"

const options = { brokers: ["kafka:9092"], prefix: "tailrace" }

const laneModel = (id = "id-1"): ModelKafka => {
  const lane = { earliest: 10, stable: 40, next: 50, batches: new Map([[10, 0xabc], [25, 0xdef], [45, 0x123]]) }
  const found = () => topic({ id, partitions: [partition(lane)] })
  return makeModelKafka({ topics: new Map([["tailrace.flow", found()], ["tailrace.secrets", found()]]) })
}

const recognize = Effect.fnUntraced(function*(model: ModelKafka, mark: string, of: Topic = "flow") {
  const cluster = clusterOf(model)
  const { bounds } = yield* makeLaneBounds({ cluster, options })
  return yield* makeRecognizes({ cluster, options, bounds })(of, 0, mark)
})

const table: ReadonlyArray<readonly [why: string, mark: string, Recognition, topic?: Topic]> = [
  ["the empty mark", "", "same"],
  ["the batch that is there", "id-1/25/00000def", "same"],
  ["the batch at the start", "id-1/10/00000abc", "same"],
  ["a batch read from a broker that has no ids", "-/25/00000def", "same"],
  ["another topic of that name", "id-2/25/00000def", "other"],
  ["another batch at that offset", "id-1/25/00000dee", "other"],
  ["no batch begins there", "id-1/24/00000def", "other"],
  ["retention has passed it", "id-1/9/00000abc", "gone"],
  ["it lies beyond the end", "id-1/50/00000def", "other"],
  ["it lies where a transaction is open now", "id-1/45/00000123", "other"],
  ["a mark of another log", "25/3", "other"],
  ["nonsense", "id-1/x/y", "other"],
  ["compaction has written the batch anew", "id-1/25/00000dee", "gone", "secrets"],
  ["compaction has taken the batch away", "id-1/24/00000def", "gone", "secrets"],
  ["another compacted topic of that name", "id-2/25/00000def", "other", "secrets"]
]

describe("recognizing a mark", () => {
  for (const [why, mark, expected, of] of table) {
    it.effect(`${expected}: ${why}${of === undefined ? "" : ` (${of})`}`, () =>
      Effect.map(recognize(laneModel(), mark, of), (found) => assert.strictEqual(found, expected)))
  }

  it.effect("a broker that has no ids any more: only the batch counts", () =>
    Effect.map(recognize(laneModel(""), "id-1/25/00000def"), (found) => assert.strictEqual(found, "same")))

  for (const code of [ErrorCode.OFFSET_OUT_OF_RANGE, ErrorCode.NOT_LEADER_OR_FOLLOWER]) {
    it.effect(`error ${code} while the lane moves is asked again, not believed`, () =>
      Effect.gen(function*() {
        const model = laneModel()
        model.codes.set("Fetch", code)
        const fiber = yield* Effect.forkChild(recognize(model, "id-1/25/00000def"))
        yield* TestClock.adjust("5 seconds")
        assert.isUndefined(fiber.pollUnsafe())
        model.codes.clear()
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Fiber.join(fiber), "same")
      }))
  }

  it.effect("an empty answer where a batch should be is not believed either", () =>
    Effect.gen(function*() {
      const model = laneModel()
      model.topics.get("tailrace.flow")?.partitions[0]?.batches.clear()
      const fiber = yield* Effect.forkChild(Effect.flip(recognize(model, "id-1/25/00000def")))
      yield* TestClock.adjust("31 seconds")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "LogUnavailable")
    }))
})

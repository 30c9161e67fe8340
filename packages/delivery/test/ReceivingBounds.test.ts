import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Delivery } from "../src/index.ts"
import { append, createDestination, createTailnet, makeLog, makeStore, pass, processLayer, record } from "./harness.ts"
import { accepted, makeReceivers, type MemoryReceivers, splunk } from "./receivers.ts"
import type { MemoryLog } from "@tailrace/log"

const KiB = 1024
const many = (count: number, size: number) => Array.from({ length: count }, () => record(size))

const limits = { batchBytes: 64 * KiB, receiversBytes: 1024 * KiB, legShareBytes: 512 * KiB, turnBytes: 256 * KiB }
const service = { requestBytes: 64 * KiB, requestRecords: 1000, recordBytes: 32 * KiB, inFlight: 4 }

const processOf = (memory: MemoryLog, receivers: MemoryReceivers, store = makeStore()) =>
  Layer.fresh(processLayer(memory.log, store, { ...limits, receivers: receivers.layer }))

describe("bounds", () => {
  it.effect("a receiver that never answers delays nobody, and holds little", () =>
    Effect.gen(function*() {
      const memory = makeLog()
      const receivers = makeReceivers(service)
      const store = makeStore()
      receivers.answerWith(({ url }) => url === "https://stuck" ? Effect.never : Effect.succeed(accepted))
      const values = many(20_000, 200)
      yield* Effect.gen(function*() {
        yield* createTailnet
        yield* createDestination("dst_a", { other: splunk("https://stuck") })
        yield* createDestination("dst_b", { other: splunk("https://fine") })
        yield* createDestination("dst_c")
        for (let from = 0; from < values.length; from += 1000) {
          yield* append(0, values.slice(from, from + 1000))
          yield* pass(1)
        }
        yield* pass(61)
        const { gatheredBytes, mostGatheredBytes } = yield* Delivery.use(({ memory }) => memory)
        assert.isBelow(gatheredBytes, 600 * KiB)
        assert.isBelow(mostGatheredBytes, limits.receiversBytes)
      }).pipe(Effect.provide(processOf(memory, receivers, store)), Effect.scoped, Effect.timeoutOption("10 minutes"))
      const fine = receivers.requests.filter(({ url }) => url === "https://fine").flatMap(({ records }) => records)
      assert.strictEqual(fine.length, values.length)
      assert.deepStrictEqual(fine, values)
      assert.strictEqual(store.records().map(({ body }) => body).join("").length, values.join("\n").length + 1)
      assert.strictEqual(receivers.requests.filter(({ url }) => url === "https://stuck").length, 1)
    }), 60_000)

  it.effect(
    "500 legs, most of them stuck or refused: the others get everything, within the budget",
    () =>
      Effect.gen(function*() {
        const memory = makeLog()
        const receivers = makeReceivers(service)
        const urls = Array.from({ length: 500 }, (_, n) => `https://${n % 10 === 0 ? "fine" : "stuck"}${n}`)
        receivers.answerWith(({ url }) =>
          url.includes("stuck")
            ? Effect.as(Effect.sleep(60_000), {
              _tag: "Transient",
              message: "no answer",
              status: null,
              retryAfterMillis: null,
              maybeStored: true
            })
            : Effect.succeed(accepted)
        )
        const values = many(500, 600)
        let most = 0
        yield* Effect.gen(function*() {
          yield* createTailnet
          for (const [n, url] of urls.entries()) yield* createDestination(`dst_${n}`, { other: splunk(url) })
          for (let from = 0; from < values.length; from += 100) {
            yield* append(0, values.slice(from, from + 100))
            yield* pass(15)
          }
          yield* pass(15)
          most = (yield* Delivery.use(({ memory }) => memory)).mostGatheredBytes
        }).pipe(Effect.provide(processOf(memory, receivers)), Effect.scoped)
        const perUrl = Map.groupBy(receivers.requests, ({ url }) => url)
        for (const url of urls.filter((url) => url.includes("fine"))) {
          const got = perUrl.get(url)?.flatMap(({ records }) => records) ?? []
          assert.deepStrictEqual(got, values)
        }
        // What a leg may always hold, and a batch that was begun before memory was short.
        assert.isBelow(most, limits.receiversBytes + 500 * 72 * KiB)
      }),
    120_000
  )
})

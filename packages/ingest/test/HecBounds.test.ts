import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { IngestBudget } from "../src/index.ts"
import { logged, MemoryLog, post, receiver } from "./receiver.ts"
import { fixture } from "./reference.ts"

const eventPath = "/services/collector/event"
const sample = fixture("hec_network_and_audit_body.raw.txt")
const flow = sample.subarray(0, sample.lastIndexOf("{\"time\""))
const audit = sample.subarray(sample.lastIndexOf("{\"time\""))
const success = { text: "Success", code: 0 }

layer(receiver())("HEC, large bodies", (it) => {
  it.effect("refuses a body over 32 MiB whole, compressed or not", () =>
    Effect.gen(function*() {
      const before = yield* logged("audit")
      const body = Buffer.concat([audit, Buffer.alloc(33_554_433 - audit.length, " ")])
      const expected = { text: "Invalid data format: a body is at most 33554432 bytes, uncompressed", code: 6 }
      const plain = yield* post(eventPath, { body })
      assert.deepStrictEqual({ status: plain.status, body: plain.body }, { status: 413, body: expected })
      const zipped = yield* post(eventPath, { body: zstdCompressSync(body), headers: { "content-encoding": "zstd" } })
      assert.deepStrictEqual({ status: zipped.status, body: zipped.body }, { status: 413, body: expected })
      assert.deepStrictEqual(yield* logged("audit"), before)
      const most = yield* post(eventPath, { body: body.subarray(0, -1) })
      assert.deepStrictEqual(most.body, success)
    }))

  it.effect("takes 11 MB in one request", () =>
    Effect.gen(function*() {
      const before = (yield* logged("flow")).length
      const count = Math.ceil(11_000_000 / flow.length)
      const answer = yield* post(eventPath, { body: Buffer.concat(Array.from({ length: count }, () => flow)) })
      assert.deepStrictEqual(answer.body, success)
      const records = yield* logged("flow")
      assert.strictEqual(records.length, before + count)
      assert.strictEqual(new Set(records.slice(before)).size, 1)
    }))

  it.effect("tells a full log from a request that is wrong", () =>
    Effect.gen(function*() {
      const memory = yield* MemoryLog
      memory.setFull(true)
      const answer = yield* post(eventPath, { body: sample })
      memory.setFull(false)
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.headers["retry-after"], "1")
      assert.deepStrictEqual(answer.body, { text: "Server is busy", code: 9 })
    }))
})

layer(receiver({ budgetBytes: 4000, maxRefusalsPerMinute: 2 }))("HEC, bounded", (it) => {
  it.effect("is busy over the budget, takes nothing of such a request, and recovers", () =>
    Effect.gen(function*() {
      const body = Buffer.concat([sample, sample, sample, sample, sample])
      const answer = yield* post(eventPath, { body })
      assert.strictEqual(answer.status, 503)
      assert.strictEqual(answer.headers["retry-after"], "1")
      assert.deepStrictEqual(answer.body, { text: "Server is busy", code: 9 })
      assert.deepStrictEqual(yield* logged("flow"), [])
      const zipped = yield* post(eventPath, { body: gzipSync(body), headers: { "content-encoding": "gzip" } })
      assert.deepStrictEqual(zipped.body, { text: "Server is busy", code: 9 })
      assert.deepStrictEqual((yield* post(eventPath, { body: sample })).body, success)
      assert.strictEqual(yield* (yield* IngestBudget).held, 0)
    }))

  it.effect("counts what others in flight hold", () =>
    Effect.gen(function*() {
      const budget = yield* IngestBudget
      yield* Effect.scoped(Effect.gen(function*() {
        const share = yield* budget.open
        yield* share.take(3500)
        assert.deepStrictEqual((yield* post(eventPath, { body: sample })).body, { text: "Server is busy", code: 9 })
      }))
      assert.deepStrictEqual((yield* post(eventPath, { body: sample })).body, success)
    }))

  it.effect("slows down who is refused again and again, and nobody else", () =>
    Effect.gen(function*() {
      const refused = () => post(eventPath, { body: audit, authorization: "Splunk wrong" })
      assert.strictEqual((yield* refused()).status, 403)
      assert.strictEqual((yield* refused()).status, 403)
      const answer = yield* refused()
      assert.strictEqual(answer.status, 429)
      assert.strictEqual(answer.headers["retry-after"], "60")
      assert.deepStrictEqual(answer.body, {
        text: "Server is busy: too many invalid tokens from this address",
        code: 9
      })
      assert.deepStrictEqual((yield* post(eventPath, { body: audit })).body, success)
    }))

  it.effect("says so when it shuts down", () =>
    Effect.gen(function*() {
      yield* (yield* IngestBudget).close
      const expected = { status: 503, body: { text: "Server is shutting down", code: 23 } }
      const event = yield* post(eventPath, { body: sample })
      assert.deepStrictEqual({ status: event.status, body: event.body }, expected)
      const health = yield* post("/services/collector/health", { method: "GET" })
      assert.deepStrictEqual({ status: health.status, body: health.body }, expected)
    }))
})

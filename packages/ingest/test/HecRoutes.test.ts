import { assert, layer } from "@effect/vitest"
import { laneOf } from "@tailrace/log"
import { Effect } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { IngestBudget } from "../src/index.ts"
import { logged, MemoryLog, post, receiver, tailnet, token } from "./receiver.ts"
import { fixture } from "./reference.ts"
import { sendInPieces } from "./rawRequest.ts"

const eventPath = "/services/collector/event"
const sample = fixture("hec_network_and_audit_body.raw.txt")
const flow = sample.subarray(0, sample.lastIndexOf("{\"time\""))
const audit = sample.subarray(sample.lastIndexOf("{\"time\""))
const success = { text: "Success", code: 0 }
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

layer(receiver())("HEC", (it) => {
  it.effect("appends Tailscale's body to the topics, under the tailnet's name, in its lane", () =>
    Effect.gen(function*() {
      const { body, headers, status } = yield* post(eventPath, {
        body: sample,
        authorization: basic(`user:${token}`),
        headers: { "user-agent": "TailscaleLogStreamPublisher", "content-type": "application/json" }
      })
      assert.deepStrictEqual({ status, body }, { status: 200, body: success })
      assert.strictEqual(headers["content-type"], "application/json")
      const [flowRecord = ""] = yield* logged("flow")
      const [auditRecord = ""] = yield* logged("audit")
      assert.isTrue(flowRecord.startsWith("{\"logged\":\"2026-06-03T15:33:01.552946176Z\",\"nodeId\":\"n0001CNTRL\","))
      assert.isTrue(auditRecord.startsWith(
        "{\"logged\":\"2026-06-03T15:34:47.809040387Z\",\"eventTime\":\"2026-06-03T15:34:47.356Z\",\"eventGroupID\":"
      ))
      const memory = yield* MemoryLog
      for (let lane = 0; lane < 4; lane++) {
        const count = memory.records("flow", lane).length
        assert.strictEqual(count, lane === laneOf(tailnet, 4) ? 1 : 0)
      }
    }))

  it.effect.each(["gzip", "x-gzip", "zstd", "identity", "ZSTD"])("takes %s", (encoding) =>
    Effect.gen(function*() {
      const before = (yield* logged("flow")).length
      const body = encoding === "identity"
        ? sample
        : encoding.endsWith("gzip")
        ? gzipSync(sample)
        : zstdCompressSync(sample)
      const answer = yield* post(eventPath, { body, headers: { "content-encoding": encoding } })
      assert.deepStrictEqual(answer.body, success)
      assert.strictEqual((yield* logged("flow")).length, before + 1)
    }))

  it.effect.each(
    [
      ["an unknown coding", "br", sample, 415, "Content-Encoding br is not supported; use gzip, zstd or identity"],
      ["deflate", "deflate", sample, 415, "Content-Encoding deflate is not supported; use gzip, zstd or identity"],
      ["no gzip", "gzip", sample, 400, "the body cannot be read: not gzip"],
      ["no zstd", "zstd", sample, 400, "the body cannot be read: not zstd"],
      ["gzip cut off", "gzip", gzipSync(sample).subarray(0, -9), 400, "the body cannot be read: not gzip"],
      ["zstd cut off", "zstd", zstdCompressSync(sample).subarray(0, -5), 400, "the body cannot be read: not zstd"]
    ] as const
  )("refuses %s", ([, encoding, body, status, detail]) =>
    Effect.gen(function*() {
      const before = yield* logged("flow")
      const answer = yield* post(eventPath, { body, headers: { "content-encoding": encoding } })
      const expected = { text: `Invalid data format: ${detail}`, code: 6 }
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status, body: expected })
      assert.deepStrictEqual(yield* logged("flow"), before)
    }))

  it.effect("takes the objects before a broken one, and none from it on", () =>
    Effect.gen(function*() {
      const before = (yield* logged("audit")).length
      const answer = yield* post(eventPath, { body: Buffer.concat([audit, Buffer.from("{\"event\":1}"), audit]) })
      assert.strictEqual(answer.status, 400)
      assert.deepStrictEqual(answer.body, {
        text: "Invalid data format: the event is not an object",
        code: 6,
        "invalid-event-number": 1
      })
      assert.strictEqual((yield* logged("audit")).length, before + 1)
    }))

  it.effect.each(
    [
      ["an empty body", "", { text: "No data", code: 5 }],
      ["no event", "{\"time\":1}", { text: "Event field is required", code: 12, "invalid-event-number": 0 }],
      ["a blank event", "{\"event\":\"\"}", {
        text: "Event field cannot be blank",
        code: 13,
        "invalid-event-number": 0
      }],
      ["fields that are no object", "{\"event\":{},\"fields\":1}", {
        text: "Error in handling indexed fields: fields is not an object",
        code: 15,
        "invalid-event-number": 0
      }],
      ["broken JSON", "{\"event\":", { text: "Invalid data format", code: 6, "invalid-event-number": 0 }]
    ] as const
  )("answers %s with 400", ([, body, expected]) =>
    Effect.gen(function*() {
      const answer = yield* post(eventPath, { body })
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status: 400, body: expected })
    }))

  it.effect("names a record over 1 MiB, and says the limit", () =>
    Effect.gen(function*() {
      const large = `{"event":{"action":"CREATE","actor":{},"target":{},"new":"${"x".repeat(1_048_576)}"}}`
      const answer = yield* post(eventPath, { body: Buffer.concat([audit, Buffer.from(large)]) })
      assert.strictEqual(answer.status, 400)
      assert.deepStrictEqual(answer.body, {
        text: "Invalid data format: a record is at most 1048576 bytes",
        code: 6,
        "invalid-event-number": 1
      })
    }))

  it.effect("takes a chunked body, each byte a chunk", () =>
    Effect.gen(function*() {
      const before = (yield* logged("audit")).length
      const answer = yield* sendInPieces(eventPath, Array.from(sample, (byte) => Uint8Array.of(byte)))
      assert.deepStrictEqual(answer, { status: 200, body: success })
      assert.strictEqual((yield* logged("audit")).length, before + 1)
    }))

  it.effect("takes nothing of a request that ends early", () =>
    Effect.gen(function*() {
      const before = yield* logged("audit")
      yield* sendInPieces(eventPath, [sample, sample], { hangUp: true })
      // The server notices in its own time; each answer gives it some.
      const { held } = yield* IngestBudget
      for (let posts = 0; posts < 200 && (yield* held) > 0; posts++) yield* post(eventPath, { body: flow })
      assert.strictEqual(yield* held, 0)
      assert.deepStrictEqual(yield* logged("audit"), before)
    }))

  const missing = { text: "The requested URL was not found on this server.", code: 404 }
  it.effect.each(
    [
      ["POST", "/services/collector", 200, success],
      ["POST", "/services/collector/event/1.0", 200, success],
      ["POST", "/services/collector/event?channel=x&source=y", 200, success],
      ["POST", "/services/collector/raw", 404, missing],
      ["POST", "/services/collector/raw/1.0", 404, missing],
      ["POST", "/services/collector/other/deeper", 404, missing],
      ["GET", "/services/collector/other", 404, missing],
      ["POST", "/services/collector/ack", 400, { text: "ACK is disabled", code: 14 }],
      ["GET", eventPath, 405, missing],
      ["PUT", "/services/collector", 405, missing],
      ["DELETE", "/services/collector/event/1.0", 405, missing],
      ["OPTIONS", eventPath, 200, undefined],
      ["POST", "/services/collector/health", 404, missing]
    ] as const
  )("answers %s %s", ([method, path, status, body]) =>
    Effect.gen(function*() {
      const answer = yield* post(path, { method, ...(method === "POST" ? { body: audit } : {}) })
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status, body })
    }))

  it.effect.each(["/services/collector/health", "/services/collector/health/1.0"])(
    "is healthy without a token",
    (path) =>
      Effect.gen(function*() {
        const answer = yield* post(path, { method: "GET", authorization: "" })
        assert.deepStrictEqual(
          { status: answer.status, body: answer.body },
          { status: 200, body: { text: "HEC is healthy", code: 17 } }
        )
      })
  )
})

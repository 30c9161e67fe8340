import { assert, layer } from "@effect/vitest"
import { laneOf } from "@tailrace/log"
import { Effect } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { IngestBudget } from "../src/index.ts"
import { execute, keyOf, logged, MemoryLog, personal, personalToken, post, quiet } from "./receiver.ts"
import { quietToken, receiver, switchFlowLogs, tailnet, token } from "./receiver.ts"
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

  it.effect.each(
    [
      ["Splunk", `Splunk ${token}`],
      ["splunk in small letters", `splunk ${token}`],
      ["Bearer", `Bearer ${token}`],
      ["Basic, token as password", basic(`x:${token}`)],
      ["Basic, token as user name", basic(`${token}:`)],
      ["the bare token, as old streams sent it", token]
    ] as const
  )("takes a token as %s", ([, authorization]) =>
    Effect.gen(function*() {
      const { body, status } = yield* post(eventPath, { body: audit, authorization })
      assert.deepStrictEqual({ status, body }, { status: 200, body: success })
    }))

  it.effect.each(
    [
      ["no header", "", 401, { text: "Token is required", code: 2 }],
      ["a scheme that is not known", "Digest abc", 401, { text: "Invalid authorization", code: 3 }],
      ["a scheme without a token", "Splunk", 401, { text: "Invalid authorization", code: 3 }],
      ["Basic without a colon", basic("abc"), 401, { text: "Invalid authorization", code: 3 }],
      ["Basic without anything", basic(":"), 401, { text: "Invalid authorization", code: 3 }],
      ["too many words", `Splunk ${token} x`, 401, { text: "Invalid authorization", code: 3 }],
      ["a wrong token", "Splunk wrong", 403, { text: "Invalid token", code: 4 }],
      ["a token cut short", `Splunk ${token.slice(0, -1)}`, 403, { text: "Invalid token", code: 4 }],
      ["an API key, which is no ingest token", `Splunk ${keyOf("owner")}`, 403, { text: "Invalid token", code: 4 }]
    ] as const
  )("refuses %s", ([, authorization, status, body]) =>
    Effect.gen(function*() {
      const before = yield* logged("audit")
      const answer = yield* post(eventPath, { body: audit, authorization })
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status, body })
      assert.deepStrictEqual(yield* logged("audit"), before)
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
      yield* post(eventPath, { body: flow })
      assert.deepStrictEqual(yield* logged("audit"), before)
      assert.strictEqual(yield* (yield* IngestBudget).held, 0)
    }))

  it.effect("refuses flow records where they are off or not in the plan, and takes nothing of the request", () =>
    Effect.gen(function*() {
      const body = Buffer.concat([audit, flow])
      const off = yield* post(eventPath, { body, authorization: `Splunk ${quietToken}` })
      assert.strictEqual(off.status, 403)
      assert.deepStrictEqual(off.body, {
        text: "Incorrect index: network flow logs of quiet.example are switched off",
        code: 7
      })
      const none = yield* post(eventPath, { body, authorization: `Splunk ${personalToken}` })
      assert.strictEqual(none.status, 403)
      assert.deepStrictEqual(none.body, {
        text: "Incorrect index: the plan personal of personal.example does not include network flow logs",
        code: 7
      })
      assert.deepStrictEqual(yield* logged("audit", quiet), [])
      const audits = yield* post(eventPath, { body: audit, authorization: `Splunk ${personalToken}` })
      assert.deepStrictEqual(audits.body, success)
      assert.strictEqual((yield* logged("audit", personal)).length, 1)
      yield* switchFlowLogs(quiet, true)
      const on = yield* post(eventPath, { body, authorization: `Splunk ${quietToken}` })
      assert.deepStrictEqual(on.body, success)
      assert.strictEqual((yield* logged("flow", quiet)).length, 1)
    }))

  it.effect("stops taking a token once it is revoked", () =>
    Effect.gen(function*() {
      yield* execute(personal, { _tag: "RevokeIngestToken", tokenId: `t-${personal}` })
      const answer = yield* post(eventPath, { body: audit, authorization: `Splunk ${personalToken}` })
      assert.deepStrictEqual(answer.body, { text: "Invalid token", code: 4 })
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

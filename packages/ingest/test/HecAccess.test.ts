import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { execute, keyOf, logged, personal, personalToken, post, quiet } from "./receiver.ts"
import { quietToken, receiver, switchFlowLogs, token } from "./receiver.ts"
import { fixture } from "./reference.ts"

const eventPath = "/services/collector/event"
const sample = fixture("hec_network_and_audit_body.raw.txt")
const flow = sample.subarray(0, sample.lastIndexOf("{\"time\""))
const audit = sample.subarray(sample.lastIndexOf("{\"time\""))
const success = { text: "Success", code: 0 }
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

layer(receiver())("HEC access", (it) => {
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
})

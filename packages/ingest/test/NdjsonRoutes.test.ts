import { assert, layer } from "@effect/vitest"
import { Role } from "@tailrace/domain"
import { Effect } from "effect"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { IngestBudget } from "../src/index.ts"
import { execute, keyOf, logged, MemoryLog, post, quiet, quietToken, receiver, tailnet, token } from "./receiver.ts"
import { exported, fixture } from "./reference.ts"

const pathOf = (logType: string, name = "example.com") => `/api/v2/tailnet/${name}/logging/${logType}/records`
const audits = fixture("s3_audit_export_real.ndjson")
const flows = fixture("s3_network_export_synthetic.ndjson")
const flow = flows.toString().trimEnd()
const bearer = (secret: string) => `Bearer ${secret}`
const now = "1970-01-01T00:00:00.000Z"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The `logs` of a poll answer, an object a line. */
const pollLines = (name: string): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const answer: unknown = JSON.parse(fixture(name).toString())
  const logs = isObject(answer) ? answer["logs"] : []
  return Array.isArray(logs) ? logs.filter(isObject) : []
}

layer(receiver())("NDJSON", (it) => {
  it.effect("takes Tailscale's own exports byte for byte", () =>
    Effect.gen(function*() {
      const first = yield* post(pathOf("configuration"), { body: audits })
      assert.deepStrictEqual({ status: first.status, body: first.body }, { status: 200, body: { accepted: 20 } })
      assert.strictEqual(`${(yield* logged("audit")).join("\n")}\n`, audits.toString())
      const second = yield* post(pathOf("network"), { body: flows })
      assert.deepStrictEqual(second.body, { accepted: 1 })
      assert.strictEqual(`${(yield* logged("flow")).join("\n")}\n`, flows.toString())
    }))

  it.effect.each([["audit", "configuration"], ["network", "network"]] as const)(
    "brings the poll API's %s records into the export form",
    ([name, logType]) =>
      Effect.gen(function*() {
        const topic = logType === "network" ? "flow" : "audit"
        const lines = pollLines(`${name}_poll_response_docs.json`)
        const before = (yield* logged(topic)).length
        const body = lines.map((line) => JSON.stringify(line)).join("\r\n")
        const answer = yield* post(pathOf(logType), { body: `\n${body}\n\n` })
        assert.deepStrictEqual(answer.body, { accepted: lines.length })
        const expected = lines.map((line) =>
          JSON.stringify(exported(line, { recorded: undefined, time: undefined, now }).record)
        )
        assert.deepStrictEqual((yield* logged(topic)).slice(before), expected)
      })
  )

  it.effect.each([["gzip", gzipSync(audits)], ["zstd", zstdCompressSync(audits)]] as const)(
    "takes %s, several frames too",
    ([encoding, once]) =>
      Effect.gen(function*() {
        const body = Buffer.concat([once, once, once])
        const answer = yield* post(pathOf("configuration"), { body, headers: { "content-encoding": encoding } })
        assert.deepStrictEqual(answer.body, { accepted: 60 })
      })
  )

  it.effect.each(["-", "example.com", "Texample.comCNTRL"])(
    "knows the tailnet as %s",
    (name) =>
      Effect.gen(function*() {
        const answer = yield* post(pathOf("network", name), { body: flows })
        assert.deepStrictEqual(answer.body, { accepted: 1 })
      })
  )

  const allowed = new Set<Role>(["owner", "admin", "network-admin", "it-admin"])
  it.effect.each(Role.literals)(
    "lets an API key in if its role may write destinations: %s",
    (role) =>
      Effect.gen(function*() {
        for (
          const authorization of [bearer(keyOf(role)), `Basic ${Buffer.from(`${keyOf(role)}:`).toString("base64")}`]
        ) {
          const { body, status } = yield* post(pathOf("network"), { body: flows, authorization })
          const refused = { status: 403, body: { message: `the role ${role} may not post records` } }
          assert.deepStrictEqual({ status, body }, allowed.has(role) ? { status: 200, body: { accepted: 1 } } : refused)
        }
      })
  )

  it.effect("follows the member's present role, and ends with the key", () =>
    Effect.gen(function*() {
      const authorization = bearer(keyOf("it-admin"))
      yield* execute(tailnet, { _tag: "ChangeMemberRole", userId: "u-it-admin", role: "member" })
      const lesser = yield* post(pathOf("network"), { body: flows, authorization })
      assert.deepStrictEqual(lesser.body, { message: "the role member may not post records" })
      yield* execute(tailnet, { _tag: "RemoveMember", userId: "u-it-admin" })
      const gone = yield* post(pathOf("network"), { body: flows, authorization })
      assert.strictEqual(gone.status, 401)
    }))

  it.effect.each(
    [
      ["no credential", "", pathOf("network"), 401, "an API key or an ingest token is required"],
      ["another scheme", "Digest x", pathOf("network"), 401, "the Authorization header is not understood"],
      ["a wrong token", bearer("wrong"), pathOf("network"), 401, "API key or ingest token invalid"],
      ["a wrong log type", bearer(token), pathOf("audit"), 404, "the log type is configuration or network"],
      ["an unknown tailnet", bearer(token), pathOf("network", "nobody"), 404, "tailnet nobody not found"],
      ["another one's tailnet", bearer(token), pathOf("network", quiet), 404, "tailnet quiet.example not found"],
      [
        "flow logs that are off",
        bearer(quietToken),
        pathOf("network", quiet),
        403,
        "network flow logs of quiet.example are switched off"
      ]
    ] as const
  )("refuses %s", ([, authorization, path, status, message]) =>
    Effect.gen(function*() {
      const answer = yield* post(path, { body: flows, authorization })
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status, body: { message } })
    }))

  const shape = "a flow record needs nodeId, start and end, an audit record needs action, actor and target"
  it.effect.each(
    [
      ["broken JSON", "network", `${flow}\n{"a":`, "line 2: not a JSON object"],
      ["two objects in a line", "network", `${flow}${flow}`, "line 1: not a JSON object"],
      ["an array", "network", `\n\n[${flow}]`, "line 3: not a JSON object"],
      ["an object over two lines", "network", flow.replace(",", ",\n"), "line 1: not a JSON object"],
      [
        "bytes that are not UTF-8",
        "network",
        Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
        "line 1: not a JSON object"
      ],
      ["another shape", "network", `${flow}\n{}`, `line 2: ${shape}`],
      [
        "an audit record among flow records",
        "network",
        `${flow}\n${audits.toString()}`,
        "line 2: this is a configuration record; a flow record needs nodeId, start and end"
      ],
      [
        "a flow record among audit records",
        "configuration",
        flow,
        "line 1: this is a network record; an audit record needs action, actor and target"
      ],
      [
        "a wrong logged",
        "network",
        flow.replace("2026-07-24T09:05:07Z", "now"),
        "line 1: logged is not an RFC 3339 time"
      ],
      [
        "a record over 1 MiB",
        "network",
        `${flow}\n${flow.replace("node-src", "x".repeat(1_048_576))}`,
        "line 2: a record is at most 1048576 bytes"
      ],
      [
        "a line that is too long to be one",
        "network",
        `${flow}\n${"x".repeat(1_500_000)}`,
        "line 2: a record is at most 1048576 bytes"
      ]
    ] as const
  )("refuses %s, and the request whole", ([, logType, body, message]) =>
    Effect.gen(function*() {
      const before = [yield* logged("audit"), yield* logged("flow")]
      const answer = yield* post(pathOf(logType), { body })
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status: 400, body: { message } })
      assert.deepStrictEqual([yield* logged("audit"), yield* logged("flow")], before)
    }))

  it.effect("accepts nothing from nothing", () =>
    Effect.gen(function*() {
      for (const body of ["", "\n\n"]) {
        const answer = yield* post(pathOf("network"), { body })
        assert.deepStrictEqual({ status: answer.status, body: answer.body }, { status: 200, body: { accepted: 0 } })
      }
    }))

  it.effect("answers the limits of a request in the API's form", () =>
    Effect.gen(function*() {
      const coding = yield* post(pathOf("network"), { body: flows, headers: { "content-encoding": "br" } })
      assert.strictEqual(coding.status, 415)
      assert.deepStrictEqual(coding.body, {
        message: "Content-Encoding br is not supported; use gzip, zstd or identity"
      })
      const large = yield* post(pathOf("network"), { body: Buffer.alloc(33_554_433, "\n") })
      assert.strictEqual(large.status, 413)
      assert.deepStrictEqual(large.body, { message: "a body is at most 33554432 bytes, uncompressed" })
      const method = yield* post(pathOf("network"), { method: "GET" })
      assert.deepStrictEqual({ status: method.status, body: method.body }, {
        status: 405,
        body: { message: "method not allowed" }
      })
    }))

  it.effect("says when the log is full, and when it shuts down", () =>
    Effect.gen(function*() {
      const memory = yield* MemoryLog
      memory.setFull(true)
      const full = yield* post(pathOf("network"), { body: flows })
      memory.setFull(false)
      assert.strictEqual(full.status, 503)
      assert.strictEqual(full.headers["retry-after"], "1")
      yield* (yield* IngestBudget).close
      const closed = yield* post(pathOf("network"), { body: flows })
      assert.deepStrictEqual({ status: closed.status, body: closed.body }, {
        status: 503,
        body: { message: "the server is shutting down" }
      })
    }))
})

layer(receiver({ budgetBytes: 1000 }))("NDJSON, bounded", (it) => {
  it.effect("is busy over the budget", () =>
    Effect.gen(function*() {
      const answer = yield* post(pathOf("configuration"), { body: audits })
      assert.deepStrictEqual({ status: answer.status, body: answer.body }, {
        status: 503,
        body: { message: "too many requests are in flight, try again" }
      })
      assert.deepStrictEqual(yield* logged("audit"), [])
    }))
})

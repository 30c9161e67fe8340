import { assert, describe, it, layer } from "@effect/vitest"
import { laneOf, Log } from "@tailrace/log"
import { Effect, Option, Stream } from "effect"
import { readFileSync } from "node:fs"
import { auditText } from "../src/logs/AuditQuery.ts"
import { loggedLine } from "../src/logs/LoggedLine.ts"
import { mergeLanes } from "../src/logs/MergeLanes.ts"
import { exampleCom, execute, keyOf } from "./commands.ts"
import { lanes, Server, serverLayer } from "./server.ts"

const fixture = (name: string) =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8").split("\n").filter((line) => line !== "")

const auditRecords = fixture("s3_audit_export_real.ndjson")
const [flowRecord = ""] = fixture("s3_network_export_synthetic.ndjson")

const encoder = new TextEncoder()

const append = (
  topic: "audit" | "flow",
  records: ReadonlyArray<string>,
  options: { lane?: number; key?: string } = {}
) =>
  Effect.flatMap(Log, (log) => {
    const { key = exampleCom, lane = laneOf(exampleCom, lanes) } = options
    return log.append(topic, lane, records.map((record) => ({ key, value: encoder.encode(record) })))
  })

const now = () => Math.trunc(Date.now() / 1000) * 1000
const logged = (offsetMillis: number) => new Date(now() + offsetMillis).toISOString()
const flow = (offsetMillis: number, nodeId: string) =>
  flowRecord.replace(/"logged":"[^"]*"/, `"logged":"${logged(offsetMillis)}"`).replace("node-src", nodeId)
const range = (from: number, to: number) => `start=${logged(from)}&end=${logged(to)}`
const nodesOf = (text: string): ReadonlyArray<string> =>
  JSON.parse(text).logs.map((record: { readonly nodeId: string }) => record.nodeId)

const network = "tailnet/-/logging/network"
const configuration = "tailnet/-/logging/configuration"

layer(serverLayer(), { excludeTestServices: true })("flow logs read back", (it) => {
  it.effect("are one object with exactly one key, an array also when empty", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const empty = yield* ask("GET", `${network}?${range(-1000, 0)}`)
      assert.deepInclude(empty, { status: 200, type: "application/json", text: "{\"logs\":[]}" })
    }))

  it.effect("come from every lane and key of the tailnet, oldest first, inclusive at both ends", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      yield* append("flow", [flow(-5000, "a"), flow(-4000, "c"), flow(-1000, "e")], { lane: 0 })
      yield* append("flow", [flow(-4500, "b"), flow(-3000, "d")], { lane: 1, key: `${exampleCom}/node-17` })
      yield* append("flow", [flow(-3500, "other")], { lane: 1, key: "other.example" })
      const all = yield* ask("GET", `${network}?${range(-60_000, 60_000)}`)
      assert.deepStrictEqual(Object.keys(JSON.parse(all.text)), ["logs"])
      assert.deepStrictEqual(nodesOf(all.text), ["a", "b", "c", "d", "e"])
      const some = yield* ask("GET", `${network}?${range(-4500, -3000)}`)
      assert.deepStrictEqual(nodesOf(some.text), ["b", "c", "d"])
      const records: ReadonlyArray<unknown> = JSON.parse(all.text).logs
      assert.deepStrictEqual(records[0], JSON.parse(flow(-5000, "a")))
    }))

  it.effect("begin where retention ends, however early they are asked for", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const past = -40 * 86_400_000
      yield* append("flow", [flow(past, "ancient")])
      const answer = yield* ask("GET", `${network}?${range(2 * past, 60_000)}`)
      assert.notInclude(nodesOf(answer.text), "ancient")
      assert.include(nodesOf(answer.text), "a")
    }))

  it.effect("need the right role and a plan that has them", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const { key } = yield* keyOf("auditor")
      assert.strictEqual((yield* ask("GET", `${network}?${range(-1000, 0)}`, { key })).status, 403)
      yield* execute({ _tag: "ChangePlan", plan: "starter" })
      assert.deepInclude(yield* ask("GET", `${network}?${range(-1000, 0)}`), {
        status: 403,
        body: { message: "the plan starter does not include network flow logs" }
      })
      yield* execute({ _tag: "ChangePlan", plan: "enterprise" })
    }))

  it.effect("are streamed: a lane larger than a chunk comes whole and in order", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const many = Array.from({ length: 3000 }, (_, index) => flow(10_000, `n${index}`))
      yield* append("flow", many)
      const answer = yield* ask("GET", `${network}?${range(5000, 60_000)}`)
      assert.deepStrictEqual(nodesOf(answer.text), many.map((_, index) => `n${index}`))
    }))
})

layer(serverLayer(), { excludeTestServices: true })("audit logs read back", (it) => {
  const real = auditRecords.map((record, index) =>
    record.replace(/"logged":"[^"]*"/, `"logged":"${logged(-60_000 + index)}"`)
  )
  const query = (more: string) => `${configuration}?${range(-120_000, 60_000)}${more}`
  const count = (text: string): number => JSON.parse(text).logs.length

  it.effect("have the service's wrapper, a type, and no time of logging", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      yield* append("audit", real)
      const answer = JSON.parse((yield* ask("GET", query(""))).text)
      assert.deepInclude(answer, { version: "1.1", tailnetId: "example.com" })
      assert.strictEqual(answer.logs.length, real.length)
      const { logged: _, ...first } = JSON.parse(real[0] ?? "{}")
      assert.deepStrictEqual(answer.logs[0], { ...first, type: "CONFIG", deferredAt: "0001-01-01T00:00:00Z" })
    }))

  it.effect("are filtered by actor, target and event, each repeatable", () =>
    Effect.gen(function*() {
      const { ask } = yield* Server
      const records = real.map((record) => JSON.parse(record))
      const events = records.map(({ action, target }) => [`${target.type}.${action}`, target.property].join("."))
      const endpoints = events.filter((event) => event === "TAILNET.CREATE.LOGSTREAM_ENDPOINT").length
      assert.isAbove(endpoints, 0)
      const one = yield* ask("GET", query("&event=TAILNET.CREATE.LOGSTREAM_ENDPOINT"))
      assert.strictEqual(count(one.text), endpoints)
      const two = yield* ask("GET", query("&event=TAILNET.CREATE.LOGSTREAM_ENDPOINT&event=OAUTH_ACCESS_TOKEN.CREATE"))
      assert.isAbove(count(two.text), endpoints)
      assert.strictEqual(count((yield* ask("GET", query("&actor=nobody"))).text), 0)
      assert.strictEqual(count((yield* ask("GET", query("&actor=~oauth%20CLIENT"))).text), real.length)
      const id: string = records[0].actor.id
      assert.strictEqual(count((yield* ask("GET", query(`&actor=${id}`))).text), real.length)
      assert.strictEqual(count((yield* ask("GET", query("&target=logstream"))).text) > 0, true)
    }))
})

describe("reading back", () => {
  it("puts in the time of appending where a record has none", () => {
    const line = loggedLine("{\"nodeId\":\"n\"}", 1000)
    assert.strictEqual(line.text, "{\"logged\":\"1970-01-01T00:00:01.000Z\",\"nodeId\":\"n\"}")
    assert.strictEqual(line.logged, 1_000_000_000n)
    assert.strictEqual(loggedLine("{\"logged\":\"1970-01-01T00:00:00.000000001Z\"}", 5).logged, 1n)
  })

  it("leaves out what is no JSON object", () => {
    assert.isTrue(Option.isNone(auditText("{broken}", { actor: [], target: [], event: [] })))
  })

  it.effect("merges lanes by time and keeps each lane's own order", () =>
    Effect.gen(function*() {
      const line = (logged: number, text: string) => ({ logged: BigInt(logged), text })
      const one = Stream.make(line(1, "a"), line(4, "d"), line(3, "late"))
      const two = Stream.make(line(2, "b"), line(2, "c"), line(9, "z"))
      const merged = yield* Stream.runCollect(mergeLanes([one, Stream.empty, two]))
      assert.deepStrictEqual(merged.map(({ text }) => text), ["a", "b", "c", "d", "late", "z"])
    }))
})

// The demo's records look like Tailscale's: the fields, their order of magnitude, and no surprise. A seed fixes them.
import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Schema } from "effect"
import { kindOfRecord, TailnetName } from "@tailrace/domain"
import { auditRecord } from "../src/demo/AuditRecords.ts"
import { flowRecord } from "../src/demo/FlowRecords.ts"
import { demoEntries } from "../src/demo/Generator.ts"

const count = 300

const many = <A>(record: Effect.Effect<A>) =>
  Effect.all(Array.from({ length: count }, () => record)).pipe(Random.withSeed("demo"))

const address = Schema.String.pipe(Schema.check(Schema.isPattern(/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d{1,5}$/)))
const counter = Schema.Int.pipe(Schema.check(Schema.isGreaterThan(0)))
const Counts = Schema.Struct({
  proto: Schema.optionalKey(Schema.Literals([6, 17])),
  src: address,
  dst: address,
  txPkts: counter,
  txBytes: counter,
  rxPkts: counter,
  rxBytes: counter
})
const instant = Schema.String.pipe(Schema.check(Schema.isPattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)))

const JsonObject = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))

describe("demo records", () => {
  it.effect("flow", () =>
    Effect.gen(function*() {
      const records = yield* many(flowRecord)
      for (const record of records) {
        Schema.asserts(Schema.Struct({ start: instant, end: instant }), record)
        Schema.asserts(Schema.NonEmptyArray(Counts), record.virtualTraffic)
        assert.strictEqual(Date.parse(record.end) - Date.parse(record.start), 5_000)
        assert.strictEqual(record.dstNodes.length, record.virtualTraffic.length)
        assert.isFalse(record.physicalTraffic.some((counts) => "proto" in counts))
        assert.isBelow(JSON.stringify(record).length, 4_096)
        assert.notInclude(JSON.stringify(record), "endpoint")
      }
      assert.isTrue(records.some((record) => record.subnetTraffic !== undefined))
      assert.deepStrictEqual(yield* many(flowRecord), records)
    }))

  it.effect("audit", () =>
    Effect.gen(function*() {
      const records = yield* many(auditRecord)
      for (const record of records) {
        Schema.asserts(instant, record.eventTime)
        assert.match(record.eventGroupID, /^[0-9a-f]{32}$/)
        assert.deepStrictEqual(Object.keys(record.actor).sort(), ["displayName", "id", "loginName", "type"])
        assert.match(record.target.type, /^(NODE|TAILNET|USER|API_KEY)$/)
        assert.match(record.action, /^[A-Z]+$/)
      }
      assert.isAbove(new Set(records.map((record) => `${record.target.type}.${record.action}`)).size, 5)
      assert.deepStrictEqual(yield* many(auditRecord), records)
    }))

  for (const logType of ["configuration", "network"] as const) {
    it.effect(`${logType}: the log's canonical form`, () =>
      Effect.gen(function*() {
        const { configuration, network } = yield* demoEntries(logType, TailnetName.make("example.com"))
        assert.strictEqual(configuration.length + network.length, 1)
        const [entry] = logType === "network" ? network : configuration
        const text = Buffer.from(entry?.value ?? []).toString("utf8")
        assert.match(text, /^\{"logged":"\d{4}-[^"]+Z",.*\}$/)
        assert.notInclude(text, "\n")
        assert.strictEqual(kindOfRecord(yield* Schema.decodeEffect(JsonObject)(text)), logType)
        assert.strictEqual(entry?.key, "example.com")
      }))
  }
})

import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { kindOfRecord } from "../src/index.ts"

const text = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8")
const lines = (name: string): ReadonlyArray<unknown> =>
  text(name).trim().split("\n").map((line): unknown => JSON.parse(line))
const json = (name: string): Readonly<Record<string, unknown>> => JSON.parse(text(name))

describe("AuditShape", () => {
  it("every exported audit record is one, though it has no type", () => {
    const records = lines("s3_audit_export_real.ndjson")
    assert.strictEqual(records.length, 20)
    for (const record of records) assert.strictEqual(kindOfRecord(record), "configuration")
  })

  it("so is an event in HEC's envelope, though it has no time", () => {
    assert.strictEqual(kindOfRecord(json("hec_audit_event.json")["event"]), "configuration")
    assert.strictEqual(kindOfRecord(json("audit_event_openapi_example.json")), "configuration")
  })

  it("flow records, with and without traffic", () => {
    for (const record of lines("s3_network_export_synthetic.ndjson")) {
      assert.strictEqual(kindOfRecord(record), "network")
    }
    assert.strictEqual(kindOfRecord(json("network_flow_openapi_example.json")), "network")
    assert.strictEqual(kindOfRecord({ nodeId: "n1CNTRL", start: "", end: "" }), "network")
  })

  it.each([
    null,
    undefined,
    1,
    "text",
    [],
    {},
    { action: "CREATE" },
    { action: "CREATE", actor: "a", target: "b" },
    { nodeId: 1, start: "", end: "" },
    { nodeId: "n", start: "", end: "", action: "CREATE", actor: {}, target: {} }
  ])("%j is neither", (value) => {
    assert.isUndefined(kindOfRecord(value))
  })
})

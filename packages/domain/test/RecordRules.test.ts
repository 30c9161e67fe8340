import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { type RecordMatch, recordRules, type Redaction, type Rules, type Ruling } from "../src/index.ts"
import { jsonTexts } from "./jsonTexts.ts"

const lines = (name: string): ReadonlyArray<string> =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8").trim().split("\n")
const audit = lines("s3_audit_export_real.ndjson")
const flow = lines("s3_network_export_synthetic.ndjson")

const hash = (value: string) => createHmac("sha256", "key").update(value).digest("hex").slice(0, 32)
const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = (ruling: Ruling) => ruling instanceof Uint8Array ? new TextDecoder().decode(ruling) : ruling

const ruled = (rules: Rules, record: string) => textOf(recordRules(rules, hash)(bytes(record)))
const redacted = (record: string, ...redact: readonly [Redaction, ...Array<Redaction>]) => ruled({ redact }, record)
const passes = (only: RecordMatch, record: string) => ruled({ only: [only] }, record) !== null

const at = "2026-07-27T12:10:29.541584437Z"
const event = (change: object) =>
  JSON.stringify({
    logged: at,
    actor: { id: "u1CNTRL", type: "USER", loginName: "Alice@example.com", displayName: "Alice A." },
    target: { id: "S1CNTRL", name: "example.com", type: "TAILNET", property: "LOGSTREAM_ENDPOINT" },
    action: "UPDATE",
    ...change
  })
const connections = JSON.stringify({
  logged: at,
  nodeId: "n1CNTRL",
  srcNode: { nodeId: "n1CNTRL", name: "Laptop.example.ts.net", addresses: ["100.64.0.1"] },
  dstNodes: [{ nodeId: "n2CNTRL", name: "db.example.ts.net", addresses: ["100.64.0.2", "fd7a::2"] }],
  virtualTraffic: [{ proto: 6, src: "100.64.0.1:41000", dst: "100.64.0.2:443" }],
  subnetTraffic: [{ src: "100.64.0.1:1", dst: "10.7.0.9:22" }],
  exitTraffic: [],
  physicalTraffic: null
})

describe("filters", () => {
  it.each(
    [
      [{ events: ["TAILNET.UPDATE.LOGSTREAM_ENDPOINT"] }, true],
      [{ events: ["TAILNET.UPDATE"] }, true],
      [{ events: ["TAILNET.UPDATE.ACL", "TAILNET.UPD*"] }, true],
      [{ events: ["*LOGSTREAM_ENDPOINT"] }, true],
      [{ events: ["*.UPDATE.*"] }, true],
      [{ events: ["*"] }, true],
      [{ events: ["TAILNET.CREATE.LOGSTREAM_ENDPOINT", "UPDATE", "NODE.*", "*.LOGIN"] }, false],
      [{ actors: ["u1CNTRL"] }, true],
      [{ actors: ["alice@example.com"] }, true],
      [{ actors: ["~ice a"] }, true],
      [{ actors: ["~EXAMPLE.com"] }, true],
      [{ actors: ["u1", "Alice A.", "~bob"] }, false],
      [{ actors: ["u1CNTRL"], events: ["NODE.*"] }, false],
      [{ actors: ["u1CNTRL"], events: ["NODE.*", "TAILNET.*"] }, true],
      [{ nodes: ["~example"] }, false],
      [{ traffic: ["virtual"] }, false]
    ] satisfies ReadonlyArray<readonly [RecordMatch, boolean]>
  )("%j of a change of log streaming: %s", (match, expected) => {
    assert.strictEqual(passes(match, event({})), expected)
  })

  it.each(
    [
      [{ nodes: ["n1CNTRL"] }, true],
      [{ nodes: ["n2CNTRL"] }, true],
      [{ nodes: ["n3CNTRL", "n1"] }, false],
      [{ nodes: ["~LAPTOP."] }, true],
      [{ nodes: ["~db.example"] }, true],
      [{ nodes: ["~fd7a::2"] }, true],
      [{ nodes: ["~10.7.0.9"] }, true],
      [{ nodes: ["~10.7.0.8"] }, false],
      [{ traffic: ["virtual"] }, true],
      [{ traffic: ["exit", "subnet"] }, true],
      [{ traffic: ["exit"] }, false],
      [{ traffic: ["physical"] }, false],
      [{ traffic: ["subnet"], nodes: ["n1CNTRL"] }, true],
      [{ events: ["*"] }, false],
      [{ actors: ["~a"] }, false]
    ] satisfies ReadonlyArray<readonly [RecordMatch, boolean]>
  )("%j of a flow record: %s", (match, expected) => {
    assert.strictEqual(passes(match, connections), expected)
  })

  it("wanted by one of several, unwanted by none", () => {
    const rules: Rules = {
      only: [{ events: ["NODE.*"] }, { events: ["TAILNET.*"] }],
      except: [{ actors: ["u2CNTRL"] }, { events: ["*.ACL"] }]
    }
    assert.isNotNull(ruled(rules, event({})))
    assert.isNull(ruled(rules, event({ actor: { id: "u2CNTRL" } })))
    assert.isNull(ruled(rules, event({ target: { type: "TAILNET", property: "ACL" } })))
    assert.isNull(ruled(rules, event({ target: { type: "USER" } })))
  })

  it("every captured audit record goes by its own names", () => {
    const tokens: Rules = { only: [{ events: ["OAUTH_ACCESS_TOKEN.CREATE"] }] }
    assert.strictEqual(audit.filter((line) => ruled(tokens, line) !== null).length, 10)
    const others: Rules = { except: [{ events: ["OAUTH_ACCESS_TOKEN.*"] }] }
    assert.strictEqual(audit.filter((line) => ruled(others, line) !== null).length, 10)
  })

  it("a record of any shape is decided on", () => {
    const shapes = [{}, { actor: 1, target: [] }, { target: { type: 1 }, action: {} }, { dstNodes: [1, null, "a"] }]
    for (const shape of shapes) {
      const record = JSON.stringify({ logged: at, ...shape })
      assert.isNull(ruled({ only: [{ events: ["*"] }, { nodes: ["~a"] }, { traffic: ["exit"] }] }, record))
    }
  })
})

describe("redaction", () => {
  const name = (how: Redaction["how"]): Redaction => ({ field: "actor.loginName", how })

  it.each(
    [
      ["mask", "{\"logged\":\"t\",\"actor\":{\"id\":\"u\",\"loginName\":\"***\",\"n\":1}}"],
      ["hash", `{"logged":"t","actor":{"id":"u","loginName":"${hash("al\"ice")}","n":1}}`],
      ["drop", "{\"logged\":\"t\",\"actor\":{\"id\":\"u\",\"n\":1}}"]
    ] as const
  )("%s", (how, expected) => {
    const record = "{\"logged\":\"t\",\"actor\":{\"id\":\"u\",\"loginName\":\"al\\\"ice\",\"n\":1}}"
    assert.strictEqual(redacted(record, name(how)), expected)
  })

  it.each(
    [
      ["a", "{\"logged\":\"t\",\"b\":2,\"c\":3}"],
      ["b", "{\"logged\":\"t\",\"a\":{\"x\":1,\"y\":2},\"c\":3}"],
      ["c", "{\"logged\":\"t\",\"a\":{\"x\":1,\"y\":2},\"b\":2}"],
      ["a.x", "{\"logged\":\"t\",\"a\":{\"y\":2},\"b\":2,\"c\":3}"],
      ["a.y", "{\"logged\":\"t\",\"a\":{\"x\":1},\"b\":2,\"c\":3}"],
      ["a.x a.y", "{\"logged\":\"t\",\"a\":{},\"b\":2,\"c\":3}"],
      ["a.y b c", "{\"logged\":\"t\",\"a\":{\"x\":1}}"],
      ["a a.x", "{\"logged\":\"t\",\"b\":2,\"c\":3}"]
    ] as const
  )("what is left when %s is dropped is JSON", (fields, expected) => {
    const [first = "", ...others] = fields.split(" ")
    const drop = (field: string): Redaction => ({ field, how: "drop" })
    const record = "{\"logged\":\"t\",\"a\":{\"x\":1,\"y\":2},\"b\":2,\"c\":3}"
    assert.strictEqual(redacted(record, drop(first), ...others.map(drop)), expected)
  })

  it("everything else stays byte for byte", () => {
    const numbers = "{\"logged\" : \"t\",\"n\":1e400, \"id\":12345678901234567890,"
    const odd = `${numbers}"e":"\\u00e9\\/\\ud800","s":"a","n":-0.0 , "x":[ ] }`
    assert.strictEqual(redacted(odd, { field: "s", how: "mask" }), odd.replace("\"a\"", "\"***\""))
    assert.strictEqual(redacted(odd, { field: "s", how: "drop" }), odd.replace(",\"s\":\"a\"", ""))
  })

  it("what is not there changes nothing: the very same array", () => {
    const record = bytes(event({}))
    assert.strictEqual(recordRules({ redact: [name("drop")] }, hash)(bytes("{\"logged\":\"t\"}"))?.length, 14)
    for (const field of ["actor.email", "actor.loginName.text", "loginName", "action.loginName"]) {
      assert.strictEqual(recordRules({ redact: [{ field, how: "mask" }] }, hash)(record), record)
    }
    assert.strictEqual(recordRules({ only: [{ events: ["*"] }] }, hash)(record), record)
  })

  it("elements of arrays are all meant", () => {
    const record = "{\"logged\":\"t\",\"nodes\":[{\"name\":\"a\",\"tags\":[\"x\",\"y\"]},1,[{\"name\":\"b\"}],{}]}"
    assert.strictEqual(
      redacted(record, { field: "nodes.name", how: "mask" }),
      record.replace("\"a\"", "\"***\"").replace("\"b\"", "\"***\"")
    )
    assert.strictEqual(
      redacted(record, { field: "nodes.tags", how: "hash" }),
      record.replace("\"x\"", `"${hash("x")}"`).replace("\"y\"", `"${hash("y")}"`)
    )
    assert.strictEqual(
      redacted(record, { field: "nodes.tags", how: "drop" }),
      record.replace(",\"tags\":[\"x\",\"y\"]", "")
    )
  })

  it("a name that is written in another way is meant, and so is one that is there twice", () => {
    const record = "{\"logged\":\"t\",\"\\u0061ctor\":{\"loginName\":\"a\",\"login\\u004eame\":\"b\"}}"
    const expected = "{\"logged\":\"t\",\"\\u0061ctor\":{\"loginName\":\"***\",\"login\\u004eame\":\"***\"}}"
    assert.strictEqual(redacted(record, name("mask")), expected)
  })

  it("the same value, the same hash, however it is written", () => {
    const of = (value: string) => redacted(`{"logged":"t","v":${value}}`, { field: "v", how: "hash" })
    assert.strictEqual(of("\"A\""), of("\"\\u0041\""))
    assert.strictEqual(of("{\"a\":[1,\"b c\"]}"), of("{ \"\\u0061\" : [1, \"b c\"] }"))
    assert.notStrictEqual(of("12345678901234567890"), of("12345678901234567891"))
    assert.notStrictEqual(of("{\"a\":\"b c\"}"), of("{\"a\":\"bc\"}"))
    assert.match(String(of("null")), /^\{"logged":"t","v":"[0-9a-f]{32}"\}$/)
  })

  it("what lies too deep to be followed is masked as a whole", () => {
    const deep = (depth: number) => `{"logged":"t","v":${"[".repeat(depth)}{"w":"s"}${"]".repeat(depth)}}`
    assert.strictEqual(redacted(deep(32), { field: "v.w", how: "mask" }), deep(32).replace("\"s\"", "\"***\""))
    assert.notInclude(String(redacted(deep(100_000), { field: "v.w", how: "mask" })), "\"s\"")
    assert.notInclude(String(redacted(deep(100_000), { field: "v.w", how: "drop" })), "\"s\"")
  })

  it("every captured record stays a record", () => {
    const fields = ["actor.loginName", "actor.displayName", "new", "old", "srcNode.addresses", "dstNodes.name"]
    for (const line of [...audit, ...flow]) {
      for (const how of ["mask", "hash", "drop"] as const) {
        for (const field of fields) {
          const result = String(redacted(line, { field, how }))
          assert.match(result, /^\{"logged":"20/)
          assert.deepStrictEqual(JSON.parse(result), reference(JSON.parse(line), field.split("."), how))
        }
      }
    }
  })

  it("as a value's redaction, on whatever JSON", () => {
    const names = ["a", "b", "é", "logged_"]
    const field = fc.array(fc.constantFrom("a", "b", "logged_"), { minLength: 1, maxLength: 3 })
    const property = fc.property(
      jsonTexts(names),
      field,
      fc.constantFrom("mask", "hash", "drop"),
      (text, path, how) => {
        const record = `{"logged":"t","a":${text} }`
        const result = String(redacted(record, { field: path.join("."), how }))
        assert.deepStrictEqual(JSON.parse(result), reference(JSON.parse(record), path, how))
      }
    )
    fc.assert(property, { numRuns: 1000 })
  })
})

/** Redaction of values instead of text. */
const reference = (value: unknown, path: ReadonlyArray<string>, how: Redaction["how"]): unknown => {
  if (Array.isArray(value)) return value.map((element) => reference(element, path, how))
  const [name, ...rest] = path
  if (name === undefined) {
    return how === "mask"
      ? "***"
      : hash(typeof value === "string" ? value : JSON.stringify(value))
  }
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      if (key !== name) return [[key, inner]]
      return rest.length === 0 && how === "drop" ? [] : [[key, reference(inner, rest, how)]]
    })
  )
}

describe("records that cannot be read", () => {
  const rules: Rules = { redact: [{ field: "a", how: "mask" }] }

  it.each(
    [
      ["{\"logged\":\"t\",\"a\":}", /^not a JSON object/],
      ["{\"logged\":\"t\",\"a\":'secret'}", /^not a JSON object/],
      ["{\"logged\":\"t\"} {}", /^not a JSON object/]
    ] as const
  )("%s is refused, not sent", (record, reason) => {
    assert.match(String(ruled(rules, record)), reason)
  })

  it("so is what is not UTF-8, and what hashes make too large", () => {
    const broken = new Uint8Array([...bytes("{\"logged\":\""), 0xff, ...bytes("\"}")])
    assert.match(String(recordRules(rules, hash)(broken)), /^not UTF-8/)
    const many = `{"logged":"t","a":[${Array.from({ length: 100_000 }, (_, index) => index % 10).join(",")}]}`
    assert.match(String(ruled({ redact: [{ field: "a", how: "hash" }] }, many)), /^over 2097152 bytes/)
  })
})

// Table: what `_bulk` answers, for the whole and for each operation.
import { assert, describe, it } from "@effect/vitest"
import { elasticAnswer } from "../../src/elastic/ElasticAnswer.ts"
import { nowMillis, reading, response, secret } from "../http/answers.ts"

const item = (status: number, error?: unknown) => ({ create: error === undefined ? { status } : { status, error } })
const poison = { type: "document_parsing_exception", reason: `failed to parse field [end] near ${secret}` }
const busy = { type: "es_rejected_execution_exception", reason: "rejected execution" }

const answer = (
  items: ReadonlyArray<unknown>,
  more: { status?: number; count?: number; headers?: Record<string, string> } = {}
) =>
  elasticAnswer(response(more.status ?? 200, { errors: true, items }, { headers: more.headers ?? {} }), {
    ...reading,
    count: more.count ?? items.length
  })

const accepted = { _tag: "Accepted", slower: false } as const

describe("200", () => {
  it("without errors: all is taken", () => {
    const body = { errors: false, items: [item(201)] }
    assert.deepStrictEqual(elasticAnswer(response(200, body), { ...reading, count: 1 }), accepted)
    assert.deepStrictEqual(elasticAnswer(response(200, { errors: false }), { ...reading, count: 5 }), accepted)
  })

  it("409 is a document of ours, stored before", () => {
    const conflict = { type: "version_conflict_engine_exception", reason: "document already exists" }
    assert.deepStrictEqual(answer([item(201), item(409, conflict)]), accepted)
  })

  it("each operation by its status", () => {
    const items = [
      item(201),
      item(400, poison),
      item(429, busy),
      item(409, poison),
      item(503, busy),
      item(400, "old form")
    ]
    assert.deepStrictEqual(answer(items, { headers: { "retry-after": "3" } }), {
      _tag: "Partly",
      refused: [
        { index: 1, reason: "400 document_parsing_exception: failed to parse field [end] near [secret]" },
        { index: 5, reason: "400 old form" }
      ],
      again: [2, 4],
      failure: {
        message: "429 es_rejected_execution_exception: rejected execution",
        status: 429,
        retryAfterMillis: 3_000,
        maybeStored: false
      }
    })
  })

  it("nothing to wait for where nothing is to be sent again", () => {
    const { _tag, ...parts } = answer([item(400, poison), item(201)])
    assert.strictEqual(_tag, "Partly")
    assert.deepInclude(parts, { again: [], failure: null })
  })

  it.each([
    [403, { type: "security_exception", reason: "action [indices:data/write/bulk[s]] is unauthorized" }],
    [404, { type: "index_not_found_exception", reason: "no such index" }]
  ])(
    "%i of an operation is the owner's affair",
    (status, error) =>
      assert.deepInclude(answer([item(201), item(status, error)]), {
        _tag: "Misconfigured",
        status,
        message: `${status} ${error.type}: ${error.reason}`
      })
  )
})

describe("an answer that does not say enough", () => {
  it("fewer items than operations: halves", () =>
    assert.strictEqual(answer([item(400, poison)], { count: 2 })._tag, "TooLarge"))
  it("of a single operation: again", () =>
    assert.deepInclude(answer([], { count: 1 }), { _tag: "Transient", maybeStored: true }))
  it("longer than is read: halves", () => {
    const long = response(200, "{\"errors\":true,\"items\":[", { truncated: true })
    assert.strictEqual(elasticAnswer(long, { ...reading, count: 2 })._tag, "TooLarge")
    assert.strictEqual(elasticAnswer(long, { ...reading, count: 1 })._tag, "Transient")
  })
  it.each(["", "<html>log in</html>", "[]", "{}", "{\"errors\":\"no\"}", "nonsense"])(
    "%s",
    (text) =>
      assert.deepInclude(elasticAnswer(response(200, text), { ...reading, count: 2 }), {
        _tag: "Transient",
        status: 200,
        maybeStored: true
      })
  )
})

describe("the whole", () => {
  it.each([
    [400, "TooLarge"],
    [401, "Misconfigured"],
    [403, "Misconfigured"],
    [404, "Misconfigured"],
    [413, "TooLarge"],
    [429, "Transient"],
    [502, "Transient"],
    [503, "Transient"]
  ])(
    "%i: %s",
    (status, tag) =>
      assert.strictEqual(
        elasticAnswer(response(status, { error: busy, status }), { nowMillis, secrets: [], count: 3 })._tag,
        tag
      )
  )
})

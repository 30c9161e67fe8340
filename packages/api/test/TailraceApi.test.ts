/** What clients and generators read: the description that is made of the contract. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { OpenApi } from "effect/http-api"
import { ApiError, BadRequest, basePath, NewDestinationBody, StreamBody, TailraceApi } from "../src/index.ts"

const spec = OpenApi.fromApi(TailraceApi)
const operations = Object.entries(spec.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
)

describe("the description", () => {
  it("has every path under the base, each with a summary and both ways to authenticate", () => {
    assert.isAbove(operations.length, 30)
    for (const { method, operation, path } of operations) {
      assert.isTrue(path.startsWith(`${basePath}/`), path)
      const { security, summary } = JSON.parse(JSON.stringify(operation))
      assert.isString(summary, `${method} ${path}`)
      assert.deepStrictEqual(security, [{ basic: [] }, { bearer: [] }], `${method} ${path}`)
    }
  })

  it("refuses unknown fields, and says so", () => {
    for (const name of ["StreamBody", "DestinationBody", "NewDestinationBody", "SettingsBody", "NewKeyBody"]) {
      assert.deepInclude(JSON.parse(JSON.stringify(spec.components.schemas[name])), { additionalProperties: false })
    }
  })

  it("has no example with a secret", () => {
    const examples = JSON.stringify(spec).match(/"examples":\[[^\]]*\]/g) ?? []
    assert.isAbove(examples.length, 0)
    for (const example of examples) assert.notMatch(example, /s3SecretAccessKey|token|gcsCredentials/)
  })
})

describe("errors", () => {
  it("are exactly one message each, whatever their status", () => {
    for (const Class of ApiError) {
      assert.deepStrictEqual(Schema.encodeUnknownSync(Class)(new Class({ message: "no" })), { message: "no" })
    }
    assert.strictEqual(new BadRequest({ message: "no" }).message, "no")
  })
})

describe("bodies", () => {
  const decode = Schema.decodeUnknownExit(StreamBody, { onExcessProperty: "error" })

  it.each([
    { body: { destinationType: "s3" }, tag: "Success" },
    { body: { destinationType: "s3", gcsScopes: [], user: "", token: null, uploadPeriodMinutes: 0 }, tag: "Success" },
    { body: { destinationType: "s3", uploadPeriodMinutes: 1440 }, tag: "Success" },
    { body: { destinationType: "s3", uploadPeriodMinutes: 1441 }, tag: "Failure" },
    { body: { destinationType: "s3", startAt: "now" }, tag: "Failure" },
    { body: {}, tag: "Failure" }
  ])("$tag for $body", ({ body, tag }) => {
    assert.strictEqual(decode(body)._tag, tag)
  })

  it("of our own endpoints take more", () => {
    const body = { destinationType: "s3", startAt: "earliest", uploadPeriodSeconds: 5, keyLayout: "live", name: "a" }
    assert.strictEqual(
      Schema.decodeUnknownExit(NewDestinationBody, { onExcessProperty: "error" })(body)._tag,
      "Success"
    )
  })
})

// Table: Splunk's codes, and what is said in the place of them.
import { assert, describe, it } from "@effect/vitest"
import { ReceiverAnswer } from "@tailrace/domain"
import { bulkAnswer } from "../../src/cribl/CriblBulkAnswer.ts"
import { hecAnswer, likeHecAnswer } from "../../src/hec/HecAnswer.ts"

const reading = { nowMillis: 1_000_000, secrets: ["s3cret"] }
const mebibyte = 1024 * 1024

interface Said {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

const response = ({ headers = {}, status, text }: Said) => ({ status, text, headers, truncated: false })
const read = (said: Said, sent = { count: 5, contentBytes: 3_000 }) => hecAnswer(response(said), reading, sent)
const code = (number: number, more = {}) => JSON.stringify({ text: "Words", code: number, ...more })

const accepted = (slower: boolean) => ReceiverAnswer.cases.Accepted.make({ slower })
const words = (status: number, number: number) => `${status} Words (code ${number})`
const owner = (status: number, message: string) => ReceiverAnswer.cases.Misconfigured.make({ message, status })
const transient = (status: number, message: string, maybeStored: boolean) =>
  ReceiverAnswer.cases.Transient.make({ message, status, retryAfterMillis: null, maybeStored })

describe("by code", () => {
  it.each([[0, false], [24, true], [25, true]])(
    "%i is taken, slower: %s",
    (number, slower) => assert.deepStrictEqual(read({ status: 200, text: code(number) }), accepted(slower))
  )

  it.each([
    [403, 1],
    [401, 2],
    [401, 3],
    [403, 4],
    [400, 5],
    [400, 7],
    [400, 10],
    [400, 11],
    [400, 14],
    [400, 16],
    [200, 17],
    [400, 21],
    [400, 22],
    [400, 28],
    [404, 404],
    [415, 6]
  ])(
    "%i with %i is an owner's affair",
    (status, number) =>
      assert.deepStrictEqual(read({ status, text: code(number) }), owner(status, words(status, number)))
  )

  it.each([[503, 9], [503, 18], [503, 19], [503, 20], [503, 23], [429, 26], [429, 27], [200, 9]])(
    "%i with %i: nothing was taken",
    (status, number) =>
      assert.deepStrictEqual(read({ status, text: code(number) }), transient(status, words(status, number), false))
  )

  it.each([[500, 8]])(
    "%i with %i: it is open what was taken",
    (status, number) =>
      assert.deepStrictEqual(read({ status, text: code(number) }), transient(status, words(status, number), true))
  )

  it("503 with Retry-After", () =>
    assert.deepInclude(read({ status: 503, text: code(9), headers: { "retry-after": "7" } }), {
      retryAfterMillis: 7_000
    }))
})

describe("one event is at fault", () => {
  it.each([6, 12, 13, 15])("code %i names it: what is before it was taken", (number) =>
    assert.deepStrictEqual(
      read({ status: 400, text: code(number, { "invalid-event-number": 2 }) }),
      ReceiverAnswer.cases.Partly.make({
        refused: [{ index: 2, reason: words(400, number) }],
        again: [3, 4],
        failure: null
      })
    ))

  it("code 7 names the one behind it", () =>
    assert.deepStrictEqual(
      read({ status: 400, text: code(7, { "invalid-event-number": 3 }) }),
      ReceiverAnswer.cases.Partly.make({ refused: [{ index: 2, reason: words(400, 7) }], again: [3, 4], failure: null })
    ))

  it("the first by its index: then all are", () =>
    assert.deepStrictEqual(
      read({ status: 400, text: code(7, { "invalid-event-number": 1 }) }),
      owner(400, words(400, 7))
    ))

  it.each([{}, { "invalid-event-number": 5 }, { "invalid-event-number": -1 }])(
    "not named: halves (%o)",
    (more) => assert.strictEqual(read({ status: 400, text: code(6, more) })._tag, "TooLarge")
  )

  it("the first of a body over 5 MiB: it is too large", () => {
    const text = code(6, { "invalid-event-number": 0 })
    assert.strictEqual(read({ status: 400, text }, { count: 5, contentBytes: 6 * mebibyte })._tag, "TooLarge")
    assert.strictEqual(read({ status: 400, text }, { count: 5, contentBytes: 4 * mebibyte })._tag, "Partly")
  })
})

describe("in other words than a collector's", () => {
  const page = "<html><head><style>p{}</style></head><body><h1>Bad  gateway</h1></body></html>"

  it.each([
    [400, "Misconfigured"],
    [401, "Misconfigured"],
    [404, "Misconfigured"],
    [405, "Misconfigured"],
    [408, "Transient"],
    [413, "TooLarge"],
    [415, "Misconfigured"],
    [422, "Misconfigured"],
    [425, "Transient"],
    [429, "Transient"],
    [501, "Misconfigured"],
    [502, "Transient"]
  ])("%i is %s", (status, tag) => assert.strictEqual(read({ status, text: page })._tag, tag))

  it.each([[500, true], [502, true], [503, false], [504, true], [429, false], [408, true]])(
    "%i: maybe stored: %s",
    (status, maybeStored) =>
      assert.deepStrictEqual(read({ status, text: page }), transient(status, `${status} Bad gateway`, maybeStored))
  )

  it.each(["", "OK", "{}", "[]", page, "{\"code\":\"0\"}", code(99)])(
    "200 %s is not success",
    (text) => assert.deepInclude(read({ status: 200, text }), { _tag: "Transient", maybeStored: true })
  )

  it.each([301, 302, 307, 308])(
    "%i leads nowhere",
    (status) =>
      assert.deepInclude(read({ status, text: "", headers: { location: "https://elsewhere/?token=s3cret" } }), {
        _tag: "Misconfigured",
        message: `${status} redirects to https://elsewhere/?token=[secret]`
      })
  )

  it("a secret that is repeated is cut out", () =>
    assert.deepInclude(read({ status: 403, text: JSON.stringify({ text: "no token s3cret", code: 4 }) }), {
      message: "403 no token [secret] (code 4)"
    }))
})

describe("a service that is documented by statuses only", () => {
  const like = (said: Said) => likeHecAnswer(response(said), reading, { count: 5, contentBytes: 3_000 })

  it.each([
    [200, "", "Accepted"],
    [204, "", "Accepted"],
    [202, "OK", "Accepted"],
    [200, code(0), "Accepted"],
    [200, code(9), "Transient"],
    [400, code(6, { "invalid-event-number": 1 }), "Partly"],
    [400, "bad", "TooLarge"],
    [413, "", "TooLarge"],
    [403, "", "Misconfigured"],
    [503, "Server is busy, max active connections reached", "Transient"]
  ])("%i %s is %s", (status, text, tag) => assert.strictEqual(like({ status, text })._tag, tag))
})

describe("Elasticsearch's words from Cribl", () => {
  const bulk = (statuses: ReadonlyArray<number>) => {
    const text = JSON.stringify({ errors: true, items: statuses.map((status) => ({ create: { status, error: {} } })) })
    return bulkAnswer(response({ status: 200, text }), reading, { count: 3, contentBytes: 1 })
  }

  it("all taken", () => {
    assert.deepStrictEqual(bulk([201, 409, 200]), accepted(false))
    const text = JSON.stringify({ errors: false, items: [] })
    assert.deepStrictEqual(
      bulkAnswer(response({ status: 200, text }), reading, { count: 3, contentBytes: 1 }),
      accepted(false)
    )
  })

  it("some refused, some to be sent again", () => {
    const answer = bulk([400, 429, 201])
    assert.deepInclude(answer, { _tag: "Partly", again: [1] })
    assert.include(JSON.stringify(answer), "400")
  })

  it("errors that cannot be read are not success", () =>
    assert.deepInclude(bulk([400]), { _tag: "Transient", maybeStored: true }))
})

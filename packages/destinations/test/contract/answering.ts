/** The contract's part about answers: each class, in plain words or not, whoever gives it. */
import { assert, describe, it } from "@effect/vitest"
import type { ReceiverAnswer } from "@tailrace/domain"
import { Effect } from "effect"
import { type Said, scriptedServer } from "../network/ScriptedServer.ts"
import { guard, openAt, sendThree, type Specimen, wallMillis } from "./Specimen.ts"

/** What comes of an answer to a request of three records. */
const answerTo = (specimen: Specimen, said: Said) =>
  Effect.gen(function*() {
    const server = yield* scriptedServer(said)
    return yield* sendThree(yield* openAt(specimen, server.url))
  }).pipe(Effect.provide(guard))

const page = "<!DOCTYPE html><html><head><title>Oops</title><style>p{}</style></head><body><p>No way</p></body></html>"

type Tag = ReceiverAnswer["_tag"]

const byStatus: ReadonlyArray<readonly [status: number, tag: Tag, maybeStored?: boolean]> = [
  [301, "Misconfigured"],
  [302, "Misconfigured"],
  [307, "Misconfigured"],
  [308, "Misconfigured"],
  [401, "Misconfigured"],
  [403, "Misconfigured"],
  [404, "Misconfigured"],
  [405, "Misconfigured"],
  [408, "Transient", true],
  [413, "TooLarge"],
  [425, "Transient", false],
  [429, "Transient", false],
  [500, "Transient", true],
  [501, "Misconfigured"],
  [502, "Transient", true],
  [503, "Transient", false],
  [504, "Transient", true]
]

/** As `Retry-After` has it. */
const inAMinute = () => new Date(wallMillis() + 60_000).toUTCString()

const messageOf = (answer: ReceiverAnswer): string => "message" in answer ? answer.message : ""

const statuses = (specimen: Specimen) =>
  describe("by status", () => {
    it.live.each(byStatus)("%i is %s", ([status, tag, maybeStored]) =>
      Effect.gen(function*() {
        const answer = yield* answerTo(specimen, { status, body: "no words of ours" })
        assert.deepInclude(answer, { _tag: tag, status, ...(maybeStored === undefined ? {} : { maybeStored }) })
        assert.include(messageOf(answer), `${status}`)
      }))

    it.live.each(["", page, "no words of ours", "{}", "[1"])(
      "400 with %s is nobody's success, and not for ever",
      (body) =>
        Effect.gen(function*() {
          const answer = yield* answerTo(specimen, { status: 400, body })
          assert.include(["TooLarge", "Misconfigured", "Partly"], answer._tag)
        })
    )

    it.live("a pause that is asked for, in both forms", () =>
      Effect.gen(function*() {
        const seconds = yield* answerTo(specimen, { status: 429, headers: { "Retry-After": "17" } })
        assert.deepInclude(seconds, { retryAfterMillis: 17_000 })
        const at = inAMinute()
        const date = yield* answerTo(specimen, { status: 503, headers: { "Retry-After": at } })
        const millis = date._tag === "Transient" ? date.retryAfterMillis ?? 0 : 0
        assert.isAbove(millis, 50_000)
        assert.isAtMost(millis, 60_000)
      }))
  })

const bodies = (specimen: Specimen) =>
  describe("in whatever words", () => {
    it.live("a page is shown without its markup", () =>
      Effect.map(answerTo(specimen, { status: 502, body: page }), (answer) => {
        assert.include(messageOf(answer), "No way")
        assert.notMatch(messageOf(answer), /[<>]|p\{/)
      }))

    it.live("ten megabytes are shown as few words", () =>
      Effect.gen(function*() {
        for (const body of ["<b>y</b>".repeat(1_250_000), "\u0000é".repeat(3_500_000)]) {
          const answer = yield* answerTo(specimen, { status: 500, body })
          assert.strictEqual(answer._tag, "Transient")
          assert.isAtMost(messageOf(answer).length, 300)
        }
      }))

    it.live("ten megabytes of success are no reason to fail", () =>
      Effect.gen(function*() {
        const answer = yield* answerTo(specimen, { status: 200, body: " ".repeat(10_000_000) })
        assert.include(specimen.notSuccess.length === 0 ? ["Accepted"] : ["Accepted", "Transient"], answer._tag)
      }))

    it.live.each(specimen.notSuccess)("%o is not success", (said) =>
      Effect.map(answerTo(specimen, said), (answer) =>
        assert.include(["Transient", "Misconfigured", "Partly"], answer._tag)))

    it.live.each(specimen.answers)("$what", ({ is, said }) =>
      Effect.map(answerTo(specimen, said), (answer) =>
        assert.deepInclude(answer, is)))
  })

/** The service repeats all that it was sent. */
const secrets = (specimen: Specimen) =>
  it.live.each([400, 401, 500, 302])("a secret that %i repeats is in no message", (status) =>
    Effect.gen(function*() {
      const server = yield* scriptedServer()
      const receiver = yield* openAt(specimen, server.url)
      const said: Array<string> = []
      for (const shape of [JSON.stringify, (headers: object) => `<p>${Object.values(headers).join(" ")}</p>`]) {
        server.replyTo = ({ body, headers }) => {
          const words = shape({ ...headers, also: specimen.secret })
          return { status, body: `${words}${body.toString()}`, headers: { Location: `http://x/?t=${specimen.secret}` } }
        }
        said.push(
          JSON.stringify([yield* sendThree(receiver), yield* receiver.probe("look"), yield* receiver.probe("sample")])
        )
      }
      const forms = [specimen.secret, Buffer.from(specimen.secret).toString("base64").replace(/=*$/, "").slice(4, -4)]
      const authorizations = server.got.flatMap(({ headers: { authorization } }) =>
        typeof authorization === "string" ? [authorization.replace(/^\w+ /, "")] : []
      )
      for (const form of [...forms, ...authorizations]) assert.notInclude(said.join(), form)
    }).pipe(Effect.provide(guard)))

export const answering = (specimen: Specimen) => {
  statuses(specimen)
  bodies(specimen)
  secrets(specimen)
}

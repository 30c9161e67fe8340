/** The contract's part about connections: what is said when they are slow, cut, silent, strange, or not trusted. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Guard } from "../../src/index.ts"
import {
  drip,
  type Reply,
  type Said,
  saysRaw,
  scriptedServer,
  secureServer,
  tcpServer,
  trusting
} from "../network/ScriptedServer.ts"
import { until } from "../network/until.ts"
import { flowRecords, guard, openAt, requestOf, sendThree, type Specimen } from "./Specimen.ts"

const slowly = ({ body = "", headers = {}, status }: Said): Reply => (response) => {
  response.writeHead(status, headers)
  drip(body, response)
}

const slow = (specimen: Specimen) =>
  it.live("an answer that comes byte by byte", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer()
      server.replyTo = (got) => slowly(specimen.healthy(got))
      const answer = yield* sendThree(yield* openAt(specimen, server.url))
      assert.strictEqual(answer._tag, "Accepted")
    }).pipe(Effect.provide(guard)))

const cut = (specimen: Specimen) =>
  describe("a connection that is cut leaves it open what was taken", () => {
    it.live.each([
      "",
      "HTTP/1.1 20",
      "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"text\":\"Succ",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
      "220 smtp.example ESMTP\r\n",
      "\u0000\u0001\u0002"
    ])("%j", (text) =>
      Effect.gen(function*() {
        const { port } = yield* tcpServer(saysRaw(text))
        const answer = yield* sendThree(yield* openAt(specimen, `http://127.0.0.1:${port}`))
        assert.deepInclude(answer, { _tag: "Transient", status: null, maybeStored: true })
      }).pipe(Effect.provide(guard)))
  })

const unsent = (specimen: Specimen) =>
  it.live("nobody listens: nothing was stored", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(tcpServer(() => undefined))
      const answer = yield* sendThree(yield* openAt(specimen, `http://127.0.0.1:${port}`))
      assert.deepInclude(answer, { _tag: "Transient", status: null, maybeStored: false })
    }).pipe(Effect.provide(guard)))

const silent = (specimen: Specimen) =>
  it.effect("no answer at all", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer(() => undefined)
      const fiber = yield* Effect.forkChild(sendThree(yield* openAt(specimen, server.url)))
      yield* until(() => server.got.length === 1)
      yield* TestClock.adjust("90 seconds")
      assert.deepInclude(yield* Fiber.join(fiber), { _tag: "Transient", status: null, maybeStored: true })
      yield* until(() => server.open() === 0)
    }).pipe(Effect.provide(guard)))

const interrupted = (specimen: Specimen) =>
  it.live("an interruption ends it", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer(() => undefined)
      const fiber = yield* Effect.forkChild(sendThree(yield* openAt(specimen, server.url)))
      yield* until(() => server.got.length === 1)
      yield* Fiber.interrupt(fiber)
      yield* until(() => server.open() === 0)
    }).pipe(Effect.provide(guard)))

const trust = (specimen: Specimen) =>
  describe("HTTPS", () => {
    it.live("nobody's certificate, and then a trusted one", () =>
      Effect.gen(function*() {
        const server = yield* secureServer()
        server.replyTo = specimen.healthy
        const receiver = yield* openAt(specimen, server.url)
        const refused = yield* sendThree(receiver)
        assert.deepInclude(refused, { _tag: "Misconfigured", status: null })
        assert.include(JSON.stringify(refused), "SELF_SIGNED")
        assert.strictEqual((yield* receiver.probe("look"))._tag, "Misconfigured")
        yield* trusting
        assert.deepStrictEqual(yield* sendThree(receiver), { _tag: "Accepted", slower: false })
      }).pipe(Effect.provide(guard)))

    it.live("the name of another", () =>
      Effect.gen(function*() {
        yield* trusting
        const server = yield* secureServer()
        const receiver = yield* openAt(specimen, server.url.replace("siem", "other"))
        assert.deepInclude(yield* sendThree(receiver), { _tag: "Misconfigured", status: null })
      }).pipe(Effect.provide(guard)))
  })

const closed = Guard.layer([], (_, answer) => answer(null, [{ address: "10.0.0.1", family: 4 }]))

const guarded = (specimen: Specimen) =>
  it.live("an address that is not allowed: known at once, or when its name is looked up", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(openAt(specimen, "https://10.0.0.1"))
      assert.deepInclude(error, { _tag: "InvalidDestination", field: "url" })
      const receiver = yield* openAt(specimen, "https://siem.test")
      const answer = yield* sendThree(receiver)
      assert.deepInclude(answer, { _tag: "Misconfigured", status: null })
      assert.include(JSON.stringify(answer), "private address")
    }).pipe(Effect.provide(closed)))

const parallel = (specimen: Specimen) =>
  it.live("as many at once as it says itself", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer()
      server.replyTo = specimen.healthy
      const receiver = yield* openAt(specimen, server.url)
      const { inFlight } = receiver.limits
      const requests = Array.from({ length: 2 * inFlight }, (_, index) => requestOf(receiver, flowRecords(index + 1)))
      const answers = yield* Effect.forEach(requests, (request) => receiver.send(request, {}), {
        concurrency: inFlight
      })
      assert.isTrue(answers.every(({ _tag }) => _tag === "Accepted"))
    }).pipe(Effect.provide(guard)))

export const transport = (specimen: Specimen) => {
  for (const part of [slow, cut, unsent, silent, interrupted, trust, guarded, parallel]) part(specimen)
}

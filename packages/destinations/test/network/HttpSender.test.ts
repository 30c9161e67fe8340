// One request against real servers on this machine: what comes back, what is said when nothing does, what stays open.
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Guard, loopback } from "../../src/index.ts"
import { type HttpRequest, sendHttp } from "../../src/network/HttpSender.ts"
import { drip, type Reply, saysRaw, scriptedServer, secureServer, tcpServer, trusting } from "./ScriptedServer.ts"
import { until } from "./until.ts"

const guard = Guard.layer(loopback, (_, answer) => answer(null, [{ address: "127.0.0.1", family: 4 }]))

const send = (request: Partial<HttpRequest> & { readonly url: string }) =>
  Effect.flatMap(Guard, ({ agents }) => sendHttp(agents, { method: "POST", headers: {}, ...request }))

const fails = (request: Partial<HttpRequest> & { readonly url: string }) => Effect.flip(send(request))

const megabytes = (count: number) => new Uint8Array(count * 1_000_000).fill(97)

const halfAnswer: Reply = (response) => void response.writeHead(200).write("half")

describe("an answer", () => {
  it.live("whatever its status, with its headers and its beginning", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ status: 418, headers: { "X-Tea": "pot" }, body: "short and stout" })
      const body = Buffer.from("{\"a\":1}")
      const response = yield* send({ url: `${server.url}/p/a?th=1`, headers: { "X-Own": "b" }, body })
      assert.deepInclude(response, { status: 418, text: "short and stout", truncated: false })
      assert.strictEqual(response.headers["x-tea"], "pot")
      const [got] = server.got
      assert.deepInclude(got, { method: "POST", path: "/p/a?th=1", body })
      assert.deepInclude(got?.headers, { "x-own": "b", "user-agent": "Tailrace/0.1", "content-length": "7" })
    }).pipe(Effect.provide(guard)))

  it.live("to a request without a body", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ status: 200 })
      yield* send({ method: "GET", url: server.url })
      assert.isUndefined(server.got[0]?.headers["content-length"])
      yield* send({ method: "POST", url: server.url })
      assert.strictEqual(server.got[1]?.headers["content-length"], "0")
    }).pipe(Effect.provide(guard)))

  it.live("in many pieces, slowly, a character cut in two", () =>
    Effect.gen(function*() {
      const text = "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n\r\ngrüß dich ✓"
      const { port } = yield* tcpServer((socket) => void socket.once("data", () => drip(text, socket)))
      assert.deepInclude(yield* send({ url: `http://127.0.0.1:${port}` }), { status: 200, text: "grüß dich ✓" })
    }).pipe(Effect.provide(guard)))

  it.live("of ten megabytes is read up to its limit, and its connection closed", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ status: 500, body: Buffer.from(megabytes(10)) })
      const response = yield* send({ url: server.url })
      assert.deepInclude(response, { status: 500, truncated: true, text: "a".repeat(65_536) })
      yield* until(() => server.open() === 0)
    }).pipe(Effect.provide(guard)))

  it.live("that leads elsewhere is not followed", () =>
    Effect.gen(function*() {
      const other = yield* scriptedServer({ status: 200 })
      const server = yield* scriptedServer({ status: 307, headers: { Location: other.url } })
      assert.strictEqual((yield* send({ url: server.url, body: megabytes(1) })).status, 307)
      assert.strictEqual(other.got.length, 0)
    }).pipe(Effect.provide(guard)))

  it.live("before the body was read is seen", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer()
      server.atHead = (response, request) => {
        response.writeHead(413, { Connection: "close" }).end("too large")
        request.resume()
        return true
      }
      // A body that fits into the buffers on the way: beyond that, who does not read cuts his own answer off.
      for (let count = 0; count < 10; count++) {
        const response = yield* send({ url: server.url, body: new Uint8Array(100_000) })
        assert.deepInclude(response, { status: 413, text: "too large" })
      }
    }).pipe(Effect.provide(guard)))
})

describe("connections", () => {
  it.live("are used again after a success, not after a refusal", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ status: 200 }, { status: 200 }, { status: 400 }, { status: 200 })
      for (let count = 0; count < 4; count++) yield* send({ url: server.url, body: megabytes(1) })
      assert.deepStrictEqual(server.got.map(({ connection }) => connection), [0, 0, 0, 1])
    }).pipe(Effect.provide(guard)))

  it.live("that died while nobody used them do no harm", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer({ status: 200 })
      server.replies = [(response, { socket }) => {
        response.end("ok")
        setTimeout(() => socket.destroy(), 50)
      }]
      yield* send({ url: server.url })
      yield* until(() => server.open() === 0)
      yield* Effect.sleep("50 millis")
      assert.strictEqual((yield* send({ url: server.url })).status, 200)
      assert.strictEqual(server.got.length, 2)
    }).pipe(Effect.provide(guard)))

  it.live("end with an interruption", () =>
    Effect.gen(function*() {
      const server = yield* scriptedServer(() => undefined)
      const fiber = yield* Effect.forkChild(send({ url: server.url }))
      yield* until(() => server.got.length === 1)
      yield* Fiber.interrupt(fiber)
      yield* until(() => server.open() === 0)
    }).pipe(Effect.provide(guard)))
})

describe("HTTPS", () => {
  it.live("of a trusted name", () =>
    Effect.gen(function*() {
      yield* trusting
      const server = yield* secureServer({ status: 200, body: "safe" })
      assert.strictEqual((yield* send({ url: server.url })).text, "safe")
    }).pipe(Effect.provide(guard)))

  it.live("of nobody's certificate, of another name, of no TLS at all", () =>
    Effect.gen(function*() {
      const server = yield* secureServer({ status: 200 })
      assert.deepInclude(yield* fails({ url: server.url }), { code: "DEPTH_ZERO_SELF_SIGNED_CERT", sent: false })
      yield* trusting
      const other = server.url.replace("siem", "other")
      assert.deepInclude(yield* fails({ url: other }), { code: "ERR_TLS_CERT_ALTNAME_INVALID", sent: false })
      const plain = yield* scriptedServer({ status: 200 })
      const failure = yield* fails({ url: `https://siem.test:${plain.port}` })
      assert.match(failure.code, /^ERR_SSL_|EPROTO/)
      assert.strictEqual(server.got.length + plain.got.length, 0)
    }).pipe(Effect.provide(guard)))
})

describe("no answer", () => {
  it.live("from an address that the guard refuses", () =>
    Effect.gen(function*() {
      const failure = yield* fails({ url: "http://10.0.0.1/" })
      assert.deepInclude(failure, { code: "ERR_ADDRESS_REFUSED", sent: false })
    }).pipe(Effect.provide(guard)))

  it.live("where nobody listens", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(tcpServer(() => undefined))
      const failure = yield* fails({ url: `http://127.0.0.1:${port}` })
      assert.deepInclude(failure, { code: "ECONNREFUSED", sent: false })
    }).pipe(Effect.provide(guard)))

  it.live("to a header that cannot be sent", () =>
    Effect.gen(function*() {
      const failure = yield* fails({ url: "http://127.0.0.1:9/", headers: { Authorization: "a\nb" } })
      assert.deepInclude(failure, { code: "ERR_INVALID_CHAR", sent: false })
    }).pipe(Effect.provide(guard)))

  it.live("but a cut connection: with nothing, in its head, in its body", () =>
    Effect.gen(function*() {
      for (const text of ["", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]) {
        const { port } = yield* tcpServer(saysRaw(text))
        assert.deepInclude(yield* fails({ url: `http://127.0.0.1:${port}` }), { sent: true }, text)
      }
    }).pipe(Effect.provide(guard)))

  it.live("but garbage", () =>
    Effect.gen(function*() {
      const { port } = yield* tcpServer(saysRaw("SSH-2.0-OpenSSH_9.6\r\n"))
      assert.deepInclude(yield* fails({ url: `http://127.0.0.1:${port}` }), { sent: true })
    }).pipe(Effect.provide(guard)))

  it.live("to a body that was cut off", () =>
    Effect.gen(function*() {
      const { port } = yield* tcpServer((socket) => void socket.once("data", () => socket.destroy()))
      const failure = yield* fails({ url: `http://127.0.0.1:${port}`, body: megabytes(64) })
      assert.deepInclude(failure, { sent: false })
    }).pipe(Effect.provide(guard)))

  it.effect("within a minute, neither a head nor the rest of a body", () =>
    Effect.gen(function*() {
      const silent = yield* scriptedServer(() => undefined)
      const stalled = yield* scriptedServer(halfAnswer)
      for (const server of [silent, stalled]) {
        const fiber = yield* Effect.forkChild(fails({ url: server.url }))
        yield* until(() => server.got.length === 1)
        yield* TestClock.adjust("61 seconds")
        assert.deepInclude(yield* Fiber.join(fiber), { code: "ETIMEDOUT", reason: "no answer within 60 s", sent: true })
        yield* until(() => server.open() === 0)
      }
    }).pipe(Effect.provide(guard)))
})

describe.concurrent("patience", () => {
  it.live("with a server that does not shake hands ends after five seconds", () =>
    Effect.gen(function*() {
      const { port } = yield* tcpServer(() => undefined)
      const failure = yield* fails({ url: `https://siem.test:${port}` })
      assert.deepInclude(failure, { code: "ETIMEDOUT", reason: "no connection within 5 s", sent: false })
    }).pipe(Effect.provide(guard)))

  it.live("with one that takes nothing after ten", () =>
    Effect.gen(function*() {
      const { port } = yield* tcpServer((socket) => void socket.pause())
      const failure = yield* fails({ url: `http://127.0.0.1:${port}`, body: megabytes(64) })
      assert.deepInclude(failure, {
        code: "ETIMEDOUT",
        reason: "no byte of the body was taken within 10 s",
        sent: false
      })
    }).pipe(Effect.provide(guard)))
})

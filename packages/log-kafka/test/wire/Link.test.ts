import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import type { Api } from "../../src/wire/Api.ts"
import { type BrokerLink, makeLink } from "../../src/wire/Link.ts"
import { fakeBroker, type FakeBrokerOptions, type FakeRequest, frame } from "./FakeBroker.ts"

/** A number there and back. */
const echo: Api<number, { readonly value: number; readonly throttleMillis: number }> = {
  name: "Echo",
  key: 0,
  version: 7,
  write: (writer, value) => void writer.int32(value),
  read: (reader) => ({ throttleMillis: reader.int32(), value: reader.int32() })
}

const echoed = (request: FakeRequest, throttleMillis = 0): Buffer => {
  const body = Buffer.alloc(8)
  body.writeInt32BE(throttleMillis)
  request.body.copy(body, 4, request.body.length - 4)
  return body
}

const answerEcho = (request: FakeRequest): void => request.answer(echoed(request))

const linkTo = Effect.fnUntraced(function*(options: FakeBrokerOptions) {
  const broker = yield* fakeBroker(options)
  const link = yield* makeLink({ access: {}, address: () => broker.address, name: "broker 1" })
  return { broker, link }
})

const valueOf = (link: BrokerLink, question: number, timeoutMillis?: number) =>
  Effect.map(link.call(echo, question, timeoutMillis), ({ value }) => value)

const refusalOf = <A, E extends { readonly isRefusal: boolean; readonly reason: string }>(call: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(call), ({ isRefusal, reason }) => ({ isRefusal, reason: reason.replace(/:\d+/, "") }))

/** Fails the first connection in its own way; answers on later ones. */
const firstThen = (fault: (request: FakeRequest) => void): FakeBrokerOptions => {
  let first: unknown
  return {
    onRequest: (request) => {
      first ??= request.socket
      if (request.socket === first) fault(request)
      else answerEcho(request)
    }
  }
}

const faults: ReadonlyArray<readonly [string, (request: FakeRequest) => void, RegExp]> = [
  ["an answer that ends too early", ({ answer }) => answer(Buffer.alloc(6)), /ends too early/],
  ["an answer of length -1", ({ socket }) => socket.write(Buffer.from([255, 255, 255, 255])), /no form of Kafka/],
  [
    "an answer without a correlation",
    ({ socket }) => socket.write(Buffer.from([0, 0, 0, 2, 0, 0])),
    /no form of Kafka/
  ],
  ["a web server", ({ socket }) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"), /does not speak Kafka/],
  ["silence", () => {}, /did not answer Echo within 300 ms/],
  ["an answer to another question", (request) => request.socket.write(frame(99, echoed(request))), /did not answer/],
  ["an end of the connection", ({ socket }) => socket.end(), /closed the connection before its first answer/],
  ["an end amid the answer", ({ socket }) => socket.end(Buffer.from([0, 0, 0, 9, 1])), /closed the connection/],
  ["a reset", ({ socket }) => socket.resetAndDestroy(), /ECONNRESET/]
]

describe("Link", () => {
  it.live("connects at the first call, and all calls go over one connection", () =>
    Effect.gen(function*() {
      const { broker, link } = yield* linkTo({ onRequest: answerEcho })
      assert.strictEqual(broker.taken(), 0)
      const calls = Array.from({ length: 100 }, (_, number) => valueOf(link, number))
      const values = yield* Effect.all(calls, { concurrency: "unbounded" })
      assert.deepStrictEqual(values, Array.from({ length: 100 }, (_, number) => number))
      assert.strictEqual(broker.taken(), 1)
      assert.strictEqual(link.address, `127.0.0.1:${broker.address.port}`)
    }))

  it.live("gives each caller its own answer, in whatever order and pieces they come", () =>
    Effect.gen(function*() {
      const waiting: Array<FakeRequest> = []
      const { link } = yield* linkTo({
        onRequest: (request) => {
          if (waiting.push(request) < 3) return
          const bytes = Buffer.concat(waiting.toReversed().map((each) => frame(each.correlation, echoed(each))))
          request.socket.write(bytes.subarray(0, 17))
          setImmediate(() => request.socket.write(bytes.subarray(17)))
        }
      })
      const values = yield* Effect.forEach([1, 2, 3], (each) => valueOf(link, each), { concurrency: "unbounded" })
      assert.deepStrictEqual(values, [1, 2, 3])
    }))

  it.live.each(faults)(
    "%s breaks the connection, and the next call makes a new one",
    ([, fault, reason]) =>
      Effect.gen(function*() {
        const { broker, link } = yield* linkTo(firstThen(fault))
        const failure = yield* Effect.flip(valueOf(link, 1, 300))
        assert.match(failure.reason, reason)
        assert.isTrue(failure.reason.startsWith(link.address))
        assert.isFalse(failure.isRefusal)
        assert.strictEqual(yield* valueOf(link, 2), 2)
        assert.strictEqual(broker.taken(), 2)
      })
  )

  it.live("a call that fails takes along those on the same connection", () =>
    Effect.gen(function*() {
      const { link } = yield* linkTo({ onRequest: () => {} })
      const slow = yield* Effect.forkChild(Effect.flip(valueOf(link, 1, 5_000)))
      yield* Effect.flip(valueOf(link, 2, 100))
      assert.match((yield* Fiber.join(slow)).reason, /was given up, another call having failed/)
    }))

  it.live("a broker that is not there is asked again and again, but not hammered", () =>
    Effect.gen(function*() {
      const { broker, link } = yield* linkTo({ onConnect: (socket) => socket.destroy() })
      yield* Effect.ignore(valueOf(link, 1)).pipe(Effect.forever, Effect.timeoutOption("1500 millis"))
      assert.isAtLeast(broker.taken(), 2)
      assert.isAtMost(broker.taken(), 40)
    }))

  it.live("who gives up waiting leaves the connection to the others", () =>
    Effect.gen(function*() {
      const held: Array<FakeRequest> = []
      const { broker, link } = yield* linkTo({ onRequest: (request) => void held.push(request) })
      const fiber = yield* Effect.forkChild(valueOf(link, 1))
      yield* Effect.sleep(50)
      yield* Fiber.interrupt(fiber)
      const second = yield* Effect.forkChild(valueOf(link, 2))
      yield* Effect.sleep(50)
      held.forEach(answerEcho)
      assert.strictEqual(yield* Fiber.join(second), 2)
      assert.strictEqual(broker.taken(), 1)
    }))

  it.live("closes at once although a long poll is under way", () =>
    Effect.gen(function*() {
      const broker = yield* fakeBroker({})
      const scope = yield* Scope.make()
      const link = yield* Scope.provide(makeLink({ access: {}, address: () => broker.address, name: "b" }), scope)
      const poll = yield* Effect.forkChild(Effect.flip(valueOf(link, 1, 30_000)))
      yield* Effect.sleep(50)
      const began = performance.now()
      yield* Scope.close(scope, Exit.void)
      assert.match((yield* Fiber.join(poll)).reason, /left by this process/)
      // Some milliseconds; more only because the machine may be busy.
      assert.isBelow(performance.now() - began, 1_000)
      yield* Effect.sleep(50)
      assert.strictEqual(broker.sockets.size, 0)
      assert.match((yield* Effect.flip(valueOf(link, 2))).reason, /closed the link/)
    }))

  it.live("an attempt to connect ends with the scope", () =>
    Effect.gen(function*() {
      // Takes connections, answers nothing: not even which versions it speaks.
      const broker = yield* fakeBroker({ onConnect: (socket) => void socket.removeAllListeners("data") })
      const scope = yield* Scope.make()
      const link = yield* Scope.provide(makeLink({ access: {}, address: () => broker.address, name: "b" }), scope)
      const call = yield* Effect.forkChild(Effect.flip(valueOf(link, 1)))
      yield* Effect.sleep(50)
      yield* Scope.close(scope, Exit.void)
      assert.match((yield* Fiber.join(call)).reason, /closed the link/)
      yield* Effect.sleep(50)
      assert.strictEqual(broker.sockets.size, 0)
    }))

  it.live("a version that the broker does not know is refused before it is sent", () =>
    Effect.gen(function*() {
      const { broker, link } = yield* linkTo({ versions: [[0, 8, 9]], onRequest: answerEcho })
      const failure = yield* refusalOf(valueOf(link, 1))
      assert.deepStrictEqual(failure, { isRefusal: true, reason: "127.0.0.1 speaks no Echo 7" })
      assert.isFalse(yield* link.speaks(echo))
      assert.isTrue(yield* link.speaks({ key: 0, version: 8 }))
      assert.strictEqual(broker.taken(), 1)
    }))

  it.live("keeps still for as long as the broker wishes, on top of the call's own time", () =>
    Effect.gen(function*() {
      const { broker, link } = yield* linkTo({ onRequest: (request) => request.answer(echoed(request, 400)) })
      yield* valueOf(link, 1)
      const began = performance.now()
      assert.strictEqual(yield* valueOf(link, 2, 200), 2)
      assert.isAtLeast(performance.now() - began, 380)
      assert.strictEqual(broker.taken(), 1)
    }))

  it.live("a flexible call has tagged fields at the end of both headers", () =>
    Effect.gen(function*() {
      let sent = Buffer.alloc(0)
      const { link } = yield* linkTo({
        onRequest: (request) => {
          sent = Buffer.from(request.body)
          request.answer(Buffer.concat([Buffer.from([1, 5, 2, 0xaa, 0xbb]), echoed(request)]))
        }
      })
      const { value } = yield* link.call({ ...echo, isFlexible: true }, 42)
      assert.strictEqual(value, 42)
      assert.deepStrictEqual([...sent], [0, 0, 0, 0, 42])
    }))

  it.live("a question that cannot be written is a defect, and nothing is sent", () =>
    Effect.gen(function*() {
      const { broker, link } = yield* linkTo({ onRequest: answerEcho })
      const exit = yield* Effect.exit(valueOf(link, 2 ** 40))
      assert.isTrue(Exit.hasDies(exit))
      assert.strictEqual(broker.taken(), 0)
    }))

  it.live("goes where the broker is now", () =>
    Effect.gen(function*() {
      const one = yield* fakeBroker({ onRequest: answerEcho })
      const other = yield* fakeBroker({ onRequest: answerEcho })
      let address: { readonly host: string; readonly port: number } | undefined = one.address
      const link = yield* makeLink({ access: {}, address: () => address, name: "broker 7" })
      yield* valueOf(link, 1)
      address = other.address
      link.end("has moved")
      assert.strictEqual(yield* valueOf(link, 2), 2)
      assert.deepStrictEqual([one.taken(), other.taken()], [1, 1])
      address = undefined
      link.end("has left")
      assert.deepStrictEqual((yield* refusalOf(valueOf(link, 3))).reason, "broker 7 is no longer in the cluster")
    }))
})

// What a destination of type s3 meets instead of an S3 service: refused addresses, other servers, garbage, silence.
import { assert, describe, it } from "@effect/vitest"
import {
  Guard,
  InvalidDestination,
  loopback,
  ObjectStores,
  ObjectStoresLive,
  type Resolve
} from "@tailrace/destinations"
import type { Answer, S3Config } from "@tailrace/domain"
import { Effect, Fiber, Layer } from "effect"
import { createServer, type RequestListener } from "node:http"
import { createServer as createTcpServer, type Server, type Socket } from "node:net"
import { configFor, localStores } from "../src/s3/S3Site.ts"
import { secretAccessKey } from "../src/s3/S3ServerKind.ts"

const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(address === null || typeof address === "string" ? 0 : address.port))
      })
    }),
    () => Effect.sync(() => server.close())
  )

const http = (listener: RequestListener) =>
  Effect.map(listening(createServer({ keepAlive: false }, listener)), (port) => `http://127.0.0.1:${port}`)

const tcp = (onConnection: (socket: Socket) => void) =>
  Effect.map(
    listening(createTcpServer((socket) => {
      socket.on("error", () => undefined)
      onConnection(socket)
    })),
    (port) => `http://127.0.0.1:${port}`
  )

const put = Effect.fnUntraced(function*(config: S3Config, bytes = 10) {
  const store = yield* (yield* ObjectStores).open(config, secretAccessKey)
  const object = { key: "k", body: new Uint8Array(bytes), contentType: "text/plain", metadata: {}, onlyIfAbsent: true }
  return { store, answer: yield* store.put(object), object }
})

const resolving = (table: Readonly<Record<string, ReadonlyArray<string>>>): Resolve => (host, answer) => {
  const addresses = table[host]
  if (addresses === undefined) {
    answer(Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" }), [])
  } else answer(null, addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })))
}

const guarded = (table: Readonly<Record<string, ReadonlyArray<string>>>) =>
  ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback, resolving(table))))

const show = (answer: Answer) =>
  answer._tag === "Transient"
    ? `Transient ${answer.status} ${answer.retryAfterMillis} ${answer.maybeStored ? "maybe" : "not"}: ${answer.message}`
    : answer._tag === "Misconfigured"
    ? `Misconfigured ${answer.status}: ${answer.message}`
    : answer._tag

const s3Error = (code: string, message: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`

describe("answers", () => {
  it.live.each<{ readonly name: string; readonly listener: RequestListener; readonly expected: RegExp }>([
    {
      name: "a redirect is not followed",
      listener: (_, response) => response.writeHead(301, { location: "http://169.254.169.254/" }).end(),
      expected: /^Misconfigured 301: /
    },
    {
      name: "another region",
      listener: (_, response) =>
        response.writeHead(301).end(
          s3Error(
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint."
          )
        ),
      expected: /^Misconfigured 301: HTTP 301 PermanentRedirect: The bucket/
    },
    {
      name: "slow down, with seconds",
      listener: (_, response) =>
        response.writeHead(503, { "retry-after": "7" }).end(s3Error("SlowDown", "Please reduce your request rate.")),
      expected: /^Transient 503 7000 not: HTTP 503 SlowDown: Please/
    },
    {
      name: "too many requests, with a date",
      listener: (_, response) =>
        response.writeHead(429, { "retry-after": new Date(Date.now() + 60_000).toUTCString() }).end(),
      expected: /^Transient 429 (5[89]|60)\d{3} not: /
    },
    {
      name: "a proxy's page",
      listener: (_, response) =>
        response.writeHead(502, { "content-type": "text/html" }).end("<html><body>Bad Gateway<br></body>"),
      expected: /^Transient 502 null maybe: /
    },
    {
      name: "a conflict",
      listener: (_, response) => response.writeHead(409).end(s3Error("ConditionalRequestConflict", "Conflict")),
      expected: /^Transient 409 null not: /
    },
    {
      name: "a clock that is wrong",
      listener: (_, response) => response.writeHead(403).end(s3Error("RequestTimeTooSkewed", "Skewed")),
      expected: /^Transient 403 null not: /
    },
    {
      name: "a server that does not know the condition",
      listener: (_, response) => response.writeHead(501).end(s3Error("NotImplemented", "A header you provided")),
      expected: /^Misconfigured 501: HTTP 501 NotImplemented/
    },
    {
      name: "an answer that shows what it was sent",
      listener: (request, response) =>
        response.writeHead(400).end(
          s3Error("Echo", `${request.headers.authorization} test/secret+Access=Key0123456789`)
        ),
      expected: /^Misconfigured 400: HTTP 400 Echo: (?!.*(AKIA|[0-9a-f]{64}|test\/secret))/
    },
    {
      name: "some other server",
      listener: (_, response) => response.writeHead(404, { "content-type": "text/plain" }).end("no such page"),
      expected: /^Misconfigured 404: /
    }
  ])("$name", ({ expected, listener }) =>
    Effect.gen(function*() {
      const { answer } = yield* put(configFor(yield* http(listener)))
      assert.match(show(answer), expected)
    }).pipe(Effect.provide(localStores)))

  it.live("HEAD: forbidden, failed, and with a pause", () =>
    Effect.gen(function*() {
      const statuses = [403, 500, 503, 301]
      const url = yield* http((_, response) =>
        response.writeHead(statuses.shift() ?? 404, { "retry-after": "2" }).end()
      )
      const store = yield* (yield* ObjectStores).open(configFor(url), secretAccessKey)
      assert.deepStrictEqual(yield* store.inspect("k"), { _tag: "Forbidden", message: "HTTP 403" })
      assert.deepInclude(yield* store.inspect("k"), { _tag: "Failed", status: 500, retryAfterMillis: 2_000 })
      assert.deepInclude(yield* store.inspect("k"), { _tag: "Failed", status: 503 })
      assert.deepInclude(yield* store.inspect("k"), { _tag: "Failed", status: 301 })
      assert.deepStrictEqual(yield* store.inspect("k"), { _tag: "Missing" })
    }).pipe(Effect.provide(localStores)))
})

describe("no answers", () => {
  it.live("garbage", () =>
    Effect.gen(function*() {
      const url = yield* tcp((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"))
      assert.match(
        show((yield* put(configFor(url))).answer),
        /^Transient null null maybe: HPE_|^Transient null null maybe: /
      )
    }).pipe(Effect.provide(localStores)))

  it.live("nobody listens", () =>
    Effect.gen(function*() {
      const url = yield* Effect.scoped(tcp(() => undefined))
      assert.match(show((yield* put(configFor(url))).answer), /^Transient null null not: ECONNREFUSED/)
    }).pipe(Effect.provide(localStores)))

  it.live("a server that never asks for the body gets it after a while", () =>
    Effect.gen(function*() {
      const url = yield* tcp((socket) => {
        let received = 0
        socket.on("data", (chunk) => {
          received += chunk.byteLength
          if (received > 2_000_000) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        })
      })
      assert.strictEqual((yield* put(configFor(url), 2_000_000)).answer._tag, "Delivered")
    }).pipe(Effect.provide(localStores)))

  it.live("silence: the request can be interrupted, and its connection is gone", () =>
    Effect.gen(function*() {
      const sockets = new Set<Socket>()
      const url = yield* tcp((socket) => {
        sockets.add(socket.resume())
        socket.on("close", () => sockets.delete(socket))
      })
      const fiber = yield* Effect.forkChild(put(configFor(url)))
      yield* Effect.sleep("200 millis")
      assert.strictEqual(sockets.size, 1)
      yield* Fiber.interrupt(fiber)
      yield* Effect.sleep("50 millis")
      assert.strictEqual(sockets.size, 0)
    }).pipe(Effect.provide(localStores)))

  it.live("HTTPS to a server that speaks HTTP", () =>
    Effect.gen(function*() {
      const url = yield* http((_, response) => response.end())
      const { answer } = yield* put(configFor(url.replace("http:", "https:")))
      assert.match(show(answer), /^Misconfigured null: (EPROTO|ERR_SSL)/)
    }).pipe(Effect.provide(localStores)))
})

describe("the guard", () => {
  const hosts = {
    "inside.test": ["10.0.0.7"],
    "mixed.test": ["127.0.0.1", "169.254.169.254"],
    "mapped.test": ["::ffff:10.0.0.7"],
    "public.test": ["1.1.1.1"],
    "local.test": ["127.0.0.1"]
  }
  it.live.each<readonly [string, RegExp]>([
    ["https://inside.test", /^Misconfigured null: ERR_ADDRESS_REFUSED: inside\.test: 10\.0\.0\.7 is a private address/],
    ["https://mixed.test", /169\.254\.169\.254 is a link-local/],
    ["https://mapped.test", /is an IPv4-mapped address/],
    ["http://public.test", /1\.1\.1\.1 is public and needs https/],
    ["https://unknown.test", /^Misconfigured null: ENOTFOUND/],
    ["http://local.test:1", /^Transient null null not: ECONNREFUSED/]
  ])("%s", ([url, expected]) =>
    Effect.gen(function*() {
      assert.match(show((yield* put(configFor(url))).answer), expected)
    }).pipe(Effect.provide(guarded(hosts))))

  it.live.each(["https://10.0.0.1", "http://1.1.1.1", "https://[fd00::1]", "https://a:b@s3.example.com", "nonsense"])(
    "%s is refused before anything is sent",
    (url) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(put(configFor(url)))
        assert.instanceOf(error, InvalidDestination)
        assert.strictEqual(error.field, "url")
      }).pipe(Effect.provide(guarded({})))
  )

  it.live("a silent name server is asked once for each name, and fails its own destinations only", () =>
    Effect.gen(function*() {
      const url = yield* http((_, response) => response.end())
      const asked: Array<string> = []
      const resolve: Resolve = (host, answer) => {
        asked.push(host)
        if (host === "alive.test") answer(null, [{ address: "127.0.0.1", family: 4 }])
      }
      const layer = ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback, resolve)))
      yield* Effect.gen(function*() {
        const silent = Effect.map(put(configFor("http://silent.test:1")), ({ answer }) => show(answer))
        const fiber = yield* Effect.forkChild(Effect.all([silent, silent, silent], { concurrency: "unbounded" }))
        assert.strictEqual((yield* put(configFor(url.replace("127.0.0.1", "alive.test")))).answer._tag, "Delivered")
        assert.deepStrictEqual(
          new Set(yield* Fiber.join(fiber)),
          new Set(["Transient null null not: ETIMEDOUT: no connection within 5 s"])
        )
        assert.deepStrictEqual(asked.toSorted(), ["alive.test", "silent.test"])
      }).pipe(Effect.provide(layer))
    }))

  it.live("an address that changes between two requests is checked again", () =>
    Effect.gen(function*() {
      const url = yield* http((_, response) => response.end())
      let address = "127.0.0.1"
      const resolve: Resolve = (_, answer) => answer(null, [{ address, family: 4 }])
      const rebinding = ObjectStoresLive.pipe(Layer.provide(Guard.layer(loopback, resolve)))
      yield* Effect.gen(function*() {
        const { answer, object, store } = yield* put(configFor(url.replace("127.0.0.1", "rebind.test")))
        assert.strictEqual(answer._tag, "Delivered")
        address = "10.0.0.1"
        // The kept connection is to the address that was checked; a new one is refused.
        yield* Effect.sleep("4500 millis")
        assert.match(show(yield* store.put(object)), /10\.0\.0\.1 is a private address/)
      }).pipe(Effect.provide(rebinding))
    }))
})

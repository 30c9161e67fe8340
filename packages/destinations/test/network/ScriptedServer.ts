/** Adapter: a real HTTP or HTTPS server on this machine that does with each request what a test says. */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import { createServer as createTcpServer, type Server, type Socket } from "node:net"
import path from "node:path"
import type { Writable } from "node:stream"
import { getCACertificates, setDefaultCACertificates } from "node:tls"

export interface Got {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Buffer
  /** Which connection it came on, from 0. */
  readonly connection: number
}

export interface Said {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

/** A whole answer, or whatever is done with the connection. */
export type Reply = Said | ((response: ServerResponse, request: IncomingMessage) => void)

export interface ScriptedServer {
  readonly url: string
  readonly port: number
  /** Requests that came as a whole. */
  readonly got: Array<Got>
  /** Connections that are open. */
  readonly open: () => number
  /** What the next requests are answered; the last one goes for all that follow. */
  replies: Array<Reply>
  /** Decides by request instead, where it answers anything. */
  replyTo: (got: Got) => Reply | undefined
  /** Called before a request's body is read; true: it has been dealt with. */
  atHead: (response: ServerResponse, request: IncomingMessage) => boolean
}

const fixture = (name: string) => readFileSync(path.join(import.meta.dirname, "../fixtures/tls", name), "utf8")

/** The certificate of `siem.test` is trusted until the scope closes. */
export const trusting = Effect.acquireRelease(
  Effect.sync(() => {
    const before = getCACertificates()
    setDefaultCACertificates([...before, fixture("cert.pem")])
    return before
  }),
  (before) => Effect.sync(() => setDefaultCACertificates(before))
)

const say = (response: ServerResponse, { body = "", headers = {}, status }: Said) => {
  response.writeHead(status, { ...headers, "Content-Length": `${Buffer.byteLength(body)}` })
  response.end(body)
}

const makeHandler = (server: ScriptedServer, connectionOf: (socket: Socket) => number) => {
  return (request: IncomingMessage, response: ServerResponse) => {
    request.on("error", () => undefined)
    response.on("error", () => undefined)
    if (server.atHead(response, request)) return
    const pieces: Array<Buffer> = []
    request.on("data", (piece: Buffer) => void pieces.push(piece))
    request.once("end", () => {
      const { headers, method = "", url = "" } = request
      const body = Buffer.concat(pieces)
      const got = { method, path: url, headers, body, connection: connectionOf(request.socket) }
      server.got.push(got)
      const next = server.replies.length > 1 ? server.replies.shift() : server.replies[0]
      const reply = server.replyTo(got) ?? next ?? { status: 500, body: "nothing scripted" }
      if (typeof reply === "function") reply(response, request)
      else say(response, reply)
    })
  }
}

const listen = (server: Server) =>
  Effect.callback<number>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(address === null || typeof address === "string" ? 0 : address.port))
    })
  })

const closing = (server: Server, sockets: ReadonlySet<Socket>) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    for (const socket of sockets) socket.destroy()
  })

/** Until the scope closes; its URL has no path. */
export const scriptedServer = Effect.fnUntraced(function*(...replies: ReadonlyArray<Reply>) {
  return yield* serverOf("http", replies)
})

/** The same with the certificate of `siem.test`. */
export const secureServer = Effect.fnUntraced(function*(...replies: ReadonlyArray<Reply>) {
  return yield* serverOf("https", replies)
})

const serverOf = Effect.fnUntraced(function*(protocol: "http" | "https", replies: ReadonlyArray<Reply>) {
  const sockets = new Set<Socket>()
  const numbers = new Map<Socket, number>()
  const tls = { key: fixture("key.pem"), cert: fixture("cert.pem") }
  const node = yield* Effect.acquireRelease(
    Effect.sync(() => protocol === "http" ? createServer() : createSecureServer(tls)),
    (running) => closing(running, sockets)
  )
  node.on("connection", (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.once("close", () => sockets.delete(socket))
  })
  const port = yield* listen(node)
  const server: ScriptedServer = {
    url: protocol === "http" ? `http://127.0.0.1:${port}` : `https://siem.test:${port}`,
    port,
    got: [],
    open: () => sockets.size,
    replies: [...replies],
    replyTo: () => undefined,
    atHead: () => false
  }
  node.on(
    "request",
    makeHandler(server, (socket) => {
      const number = numbers.get(socket) ?? numbers.size
      numbers.set(socket, number)
      return number
    })
  )
  return server
})

/** A server that speaks no HTTP: what is done with each connection is said here. */
export const tcpServer = Effect.fnUntraced(function*(connected: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const node = yield* Effect.acquireRelease(
    Effect.sync(() => createTcpServer()),
    (running) => closing(running, sockets)
  )
  node.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined)
    socket.once("close", () => sockets.delete(socket))
    connected(socket)
  })
  return { port: yield* listen(node), open: () => sockets.size }
})

/** Writes byte by byte, then ends. */
export const drip = (text: string | Buffer, to: Writable) => {
  const bytes = [...Buffer.from(text)]
  const timer = setInterval(() => {
    const byte = bytes.shift()
    if (byte !== undefined) return void to.write(Buffer.of(byte))
    clearInterval(timer)
    to.end()
  }, 1)
}

/** Answers a raw text to whatever comes, once a first piece came. */
export const saysRaw = (text: string) => (socket: Socket) => void socket.once("data", () => void socket.end(text))

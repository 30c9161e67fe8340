/**
 * Adapter: an HTTP proxy before an S3 server that decides about each request: pass it on, or hold or lose its answer
 * after the server gave it, or let it never come so far. The client's `Host` is passed on, because it is signed.
 */
import { Effect } from "effect"
import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as send,
  type Server,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"

export interface Seen {
  readonly method: string
  readonly path: string
}

/** A PUT of records, and not a probe of the store. */
export const isUpload = ({ method, path }: Seen): boolean => method === "PUT" && !path.includes(".tailrace-canary-")

/** What becomes of a request. */
export type Fate =
  | { readonly _tag: "Pass" }
  /** The server answers at once, the client gets it late. */
  | { readonly _tag: "Hold"; readonly millis: number }
  /** The server did it; the answer is lost, the connection cut. */
  | { readonly _tag: "Cut" }
  /** The server never hears of it; the client gets this answer, without a body. */
  | { readonly _tag: "Refuse"; readonly status: number; readonly headers: OutgoingHttpHeaders }
  /** Nobody ever answers. */
  | { readonly _tag: "Silence" }

export interface HttpProxy {
  readonly url: string
  readonly port: number
  /** Decides once for each request, before it is passed on. */
  fate: (request: Seen) => Fate
  /** Told when an answer begins to be held, with its status. */
  onHeld: (request: Seen, status: number) => void
  readonly counts: { passed: number; held: number; cut: number; unreachable: number }
  /** Cuts every connection of clients. */
  readonly cutAll: () => void
}

const headersOf = ({ headers }: IncomingMessage): OutgoingHttpHeaders => {
  const { connection: _, ...rest } = headers
  return rest
}

const isHopByHop = (raw: ReadonlyArray<string>, index: number): boolean =>
  ["connection", "keep-alive"].includes(raw[index - index % 2]?.toLowerCase() ?? "")

const answerWith = (answer: IncomingMessage, response: ServerResponse) => {
  if (response.destroyed) return void answer.resume()
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders.filter((_, index, all) => !isHopByHop(all, index)))
  answer.pipe(response)
}

/** One request under way, and what was decided about it. */
interface Passing {
  readonly seen: Seen
  readonly fate: Fate
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** The client asks before it sends its body, and so do we. */
  readonly asks: boolean
}

const settle = (proxy: HttpProxy, answer: IncomingMessage, { fate, response, seen }: Passing) => {
  if (fate._tag === "Cut") {
    proxy.counts.cut++
    answer.resume()
    response.destroy()
  } else if (fate._tag === "Hold") {
    proxy.counts.held++
    proxy.onHeld(seen, answer.statusCode ?? 0)
    setTimeout(() => answerWith(answer, response), fate.millis)
  } else answerWith(answer, response)
}

/** How much is sent of a large body, and how long an answer to that is waited for. */
const firstPiece = { bytes: 65_536, millis: 100 }

/**
 * In one piece, or the rest after a pause: a server that refuses closes with the rest unread, and a write behind that
 * would lose its answer. Each request has a connection of its own for the same reason.
 */
const sendBody = (request: IncomingMessage, onward: ClientRequest, isAnswered: () => boolean) => {
  const pieces: Array<Buffer> = []
  request.on("data", (piece: Buffer) => pieces.push(piece))
  request.once("end", () => {
    const body = Buffer.concat(pieces)
    if (body.length < 16 * firstPiece.bytes) return onward.end(body)
    onward.write(body.subarray(0, firstPiece.bytes))
    setTimeout(() => isAnswered() || onward.end(body.subarray(firstPiece.bytes)), firstPiece.millis)
  })
}

const passOn = (proxy: HttpProxy, upstream: number, passing: Passing) => {
  const { asks, request, response, seen } = passing
  proxy.counts.passed++
  let answered = false
  const onward = send(
    { host: "127.0.0.1", port: upstream, ...seen, headers: headersOf(request), agent: false },
    (answer) => {
      answered = true
      settle(proxy, answer, passing)
    }
  )
  onward.on("error", () => {
    if (answered) return
    proxy.counts.unreachable++
    response.destroy()
  })
  request.on("error", () => onward.destroy())
  const isAnswered = () => answered
  if (!asks) return sendBody(request, onward, isAnswered)
  onward.once("continue", () => {
    response.writeContinue()
    sendBody(request, onward, isAnswered)
  })
  onward.flushHeaders()
}

const refuse = ({ asks, request, response }: Passing, { headers, status }: Extract<Fate, { _tag: "Refuse" }>) => {
  const answer = () => response.writeHead(status, headers).end()
  if (asks) answer()
  else request.resume().once("end", answer)
}

const handle =
  (proxy: HttpProxy, upstream: number, asks: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const seen = { method: request.method ?? "GET", path: request.url ?? "/" }
    const fate = proxy.fate(seen)
    const passing: Passing = { seen, fate, request, response, asks }
    if (fate._tag === "Silence") request.resume()
    else if (fate._tag === "Refuse") refuse(passing, fate)
    else passOn(proxy, upstream, passing)
  }

const listen = (server: Server, port: number) =>
  Effect.callback<AddressInfo>((resume) => {
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      if (address !== null && typeof address !== "string") resume(Effect.succeed(address))
    })
  })

/** Until the scope closes. `port` 0: any. */
export const httpProxy = Effect.fn("httpProxy")(function*(upstream: number, wantedPort = 0) {
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer()),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const { port } = yield* listen(server, wantedPort)
  const proxy: HttpProxy = {
    url: `http://127.0.0.1:${port}`,
    port,
    fate: () => ({ _tag: "Pass" }),
    onHeld: () => undefined,
    counts: { passed: 0, held: 0, cut: 0, unreachable: 0 },
    cutAll: () => server.closeAllConnections()
  }
  server.on("request", handle(proxy, upstream, false))
  server.on("checkContinue", handle(proxy, upstream, true))
  return proxy
})

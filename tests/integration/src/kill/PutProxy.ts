/**
 * Adapter: an HTTP proxy before an S3 server that knows a PUT when it sees one, and can hold or cut its answer after
 * the object was stored: the moments at which a process dies between a seal and its delivery.
 */
import { Effect } from "effect"
import {
  Agent,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as send,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"

/** What becomes of an answer. */
export type Fate =
  | { readonly _tag: "Pass" }
  | { readonly _tag: "Hold"; readonly millis: number }
  /** The connection is cut, the answer lost. */
  | { readonly _tag: "Cut" }

/** An answer that its process does not know yet. */
export interface HeldAnswer {
  readonly path: string
  readonly status: number
  readonly millis: number
}

export interface PutProxy {
  readonly url: string
  /** Decides about the answer to a PUT of an object. */
  fate: (path: string) => Fate
  /** Told when an answer begins to be held. */
  onHeld: (held: HeldAnswer) => void
  readonly counts: { puts: number; held: number; cut: number; unreachable: number }
}

const isProbe = (path: string): boolean => path.includes(".tailrace-canary-")

/** `Expect` is answered by the proxy itself. */
const headersOf = ({ headers }: IncomingMessage): OutgoingHttpHeaders => {
  const { connection: _, expect: __, ...rest } = headers
  return rest
}

const answerWith = (answer: IncomingMessage, response: ServerResponse) => {
  if (response.destroyed) return void answer.resume()
  response.writeHead(answer.statusCode ?? 502, answer.rawHeaders.filter((_, index, all) => !isHopByHop(all, index)))
  answer.pipe(response)
}

const isHopByHop = (raw: ReadonlyArray<string>, index: number): boolean =>
  ["connection", "keep-alive"].includes(raw[index - index % 2]?.toLowerCase() ?? "")

const settle = (proxy: PutProxy, answer: IncomingMessage, to: { path: string; response: ServerResponse }) => {
  const { path, response } = to
  const fate = proxy.fate(path)
  switch (fate._tag) {
    case "Pass":
      return answerWith(answer, response)
    case "Cut":
      proxy.counts.cut++
      answer.resume()
      return void response.destroy()
    case "Hold":
      proxy.counts.held++
      proxy.onHeld({ path, status: answer.statusCode ?? 0, millis: fate.millis })
      return void setTimeout(() => answerWith(answer, response), fate.millis)
  }
}

const pass = (proxy: PutProxy, options: { readonly upstream: number; readonly agent: Agent }) =>
(
  request: IncomingMessage,
  response: ServerResponse
) => {
  const { agent, upstream } = options
  const { method = "GET", url: path = "/" } = request
  const isPut = method === "PUT" && !isProbe(path)
  if (isPut) proxy.counts.puts++
  const onward = send(
    { host: "127.0.0.1", port: upstream, method, path, headers: headersOf(request), agent },
    (answer) => isPut ? settle(proxy, answer, { path, response }) : answerWith(answer, response)
  )
  onward.on("error", () => {
    proxy.counts.unreachable++
    response.destroy()
  })
  request.on("error", () => onward.destroy())
  request.pipe(onward)
}

/** Until the scope closes. The client's `Host` is passed on, because it is signed. */
export const putProxy = Effect.fn("putProxy")(function*(upstream: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer()),
    (server) =>
      Effect.callback<void>((resume) => {
        agent.destroy()
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
  const { port } = yield* Effect.callback<AddressInfo>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      if (address !== null && typeof address !== "string") resume(Effect.succeed(address))
    })
  })
  const proxy: PutProxy = {
    url: `http://127.0.0.1:${port}`,
    fate: () => ({ _tag: "Pass" }),
    onHeld: () => undefined,
    counts: { puts: 0, held: 0, cut: 0, unreachable: 0 }
  }
  const handle = pass(proxy, { upstream, agent })
  server.on("request", handle)
  server.on("checkContinue", (request, response) => {
    response.writeContinue()
    handle(request, response)
  })
  return proxy
})

/** Adapter: a TCP proxy before an S3 server that cuts or holds what passes. What it does can change at any time. */
import { Duration, Effect } from "effect"
import { connect, createServer, type Server, type Socket } from "node:net"

export type Fault =
  | { readonly _tag: "None" }
  /** The connection is cut when so many bytes of a request have passed. */
  | { readonly _tag: "CutRequest"; readonly afterBytes: number }
  /** The request arrives as a whole; the answer is thrown away, and the connection cut. */
  | { readonly _tag: "CutAnswer" }
  /** The answer arrives late. */
  | { readonly _tag: "HoldAnswer"; readonly by: Duration.Input }

export interface FaultyProxy {
  readonly url: string
  readonly port: number
  /** Decides once for each answer or connection; draw lots in here for a share of them. */
  faults: () => Fault
  /** Connections from clients that are open now. */
  readonly open: () => number
}

const passRequest = (client: Socket, server: Socket, proxy: FaultyProxy) => {
  let passed = 0
  client.on("data", (chunk) => {
    const fault = proxy.faults()
    passed += chunk.byteLength
    if (fault._tag === "CutRequest" && passed >= fault.afterBytes) {
      client.destroy()
      server.destroy()
    } else if (!server.write(chunk)) {
      client.pause()
      server.once("drain", () => client.resume())
    }
  })
}

/** `100 Continue` is no answer. */
const isInterim = (chunk: Buffer) => chunk.subarray(0, 12).toString("latin1") === "HTTP/1.1 100"

const passAnswer = (client: Socket, server: Socket, proxy: FaultyProxy) =>
  server.on("data", (chunk) => {
    const fault = isInterim(chunk) ? { _tag: "None" } as const : proxy.faults()
    if (fault._tag === "CutAnswer") {
      client.destroy()
      server.destroy()
    } else if (fault._tag === "HoldAnswer") {
      server.pause()
      setTimeout(() => {
        client.write(chunk)
        server.resume()
      }, Duration.toMillis(Duration.fromInputUnsafe(fault.by)))
    } else client.write(chunk)
  })

const join = (client: Socket, upstream: number, proxy: FaultyProxy) => {
  const server = connect(upstream, "127.0.0.1")
  passRequest(client, server, proxy)
  passAnswer(client, server, proxy)
  for (const [from, to] of [[client, server], [server, client]] as const) {
    from.on("error", () => to.destroy())
    from.on("close", () => to.destroy())
    from.on("end", () => to.end())
  }
}

const listen = (server: Server) =>
  Effect.callback<number>((resume) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(address === null || typeof address === "string" ? 0 : address.port))
    })
  })

/** Until the scope closes. `upstream` is the real server's port on this machine. */
export const faultyProxy = Effect.fn("faultyProxy")(function*(upstream: number) {
  const clients = new Set<Socket>()
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer()),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const client of clients) client.destroy()
      })
  )
  const port = yield* listen(server)
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${port}`,
    port,
    faults: () => ({ _tag: "None" }),
    open: () => clients.size
  }
  server.on("connection", (client) => {
    clients.add(client)
    client.on("close", () => clients.delete(client))
    join(client, upstream, proxy)
  })
  return proxy
})

/**
 * Adapter: a TCP proxy before a Kafka broker that knows requests from answers: it can lose the one or the other of a
 * certain call, or all connections at once. The broker must tell its clients this proxy's address.
 */
import { Effect } from "effect"
import { connect, createServer, type Server, type Socket } from "node:net"

/** API keys of the protocol's guide that tests ask for. */
export const apiKey = { produce: 0, fetch: 1, heartbeat: 12, leaveGroup: 13, endTxn: 26 } as const

/** What becomes of one call. */
export type CallFate =
  | "pass"
  /** The broker never hears of it; the connection is cut. */
  | "lose request"
  /** The broker did it; the answer is lost, the connection cut. */
  | "lose answer"

export interface KafkaProxy {
  readonly port: number
  /** Decides once for each request, by its API key and by what is in it. */
  fate: (key: number, request: Buffer) => CallFate
  /** While false, nobody gets in. */
  isOpen: boolean
  /** Answers that the broker gave and nobody got. */
  lostAnswers: number
  /** Cuts every connection, as the death of all clients does. */
  readonly cutAll: () => void
}

/** Calls `take` for each whole frame, with its length before it. */
const frames = (take: (frame: Buffer) => void) => {
  const parts: Array<Buffer> = []
  let held = 0
  let wanted = 4
  return (part: Buffer) => {
    parts.push(part)
    held += part.length
    while (held >= wanted) {
      const all = parts.length === 1 ? parts[0] ?? part : Buffer.concat(parts)
      const end = 4 + all.readInt32BE(0)
      const isWhole = all.length >= end
      if (isWhole) take(all.subarray(0, end))
      const rest = isWhole ? all.subarray(end) : all
      parts.splice(0, parts.length, rest)
      held = rest.length
      wanted = isWhole ? 4 : end
    }
  }
}

const keyOf = (request: Buffer): number => request.readInt16BE(4)
const correlationOf = (request: Buffer): number => request.readInt32BE(8)
const answered = (answer: Buffer): number => answer.readInt32BE(4)

const join = (client: Socket, server: Socket, proxy: KafkaProxy) => {
  const lost = new Set<number>()
  const cut = () => {
    client.destroy()
    server.destroy()
  }
  client.on(
    "data",
    frames((request) => {
      const fate = proxy.fate(keyOf(request), request)
      if (fate === "lose request") return cut()
      if (fate === "lose answer") lost.add(correlationOf(request))
      server.write(request)
    })
  )
  server.on(
    "data",
    frames((answer) => {
      if (!lost.has(answered(answer))) return client.write(answer)
      proxy.lostAnswers++
      cut()
    })
  )
  for (const socket of [client, server]) socket.setNoDelay(true).on("error", cut).on("close", cut)
}

const listening = (server: Server, port: number) =>
  Effect.callback<void>((resume) => {
    server.listen(port, "127.0.0.1", () => resume(Effect.void))
  })

/** Everyone is cut off, and nobody gets in again before `heal` or the end of the scope. */
export const cutOff = Effect.fnUntraced(function*(proxy: KafkaProxy) {
  const heal = Effect.sync(() => {
    proxy.isOpen = true
  })
  yield* Effect.addFinalizer(() => heal)
  proxy.isOpen = false
  proxy.cutAll()
  return { heal }
})

/** Until the scope closes. Both are ports of this machine; the broker need not run yet. */
export const kafkaProxy = Effect.fn("kafkaProxy")(function*(port: number, upstream: number) {
  const clients = new Set<Socket>()
  const proxy: KafkaProxy = {
    port,
    fate: () => "pass",
    isOpen: true,
    lostAnswers: 0,
    cutAll: () => clients.forEach((client) => client.destroy())
  }
  const server = createServer((client) => {
    if (!proxy.isOpen) return client.destroy()
    clients.add(client)
    client.on("close", () => clients.delete(client))
    join(client, connect(upstream, "127.0.0.1"), proxy)
  })
  yield* Effect.acquireRelease(listening(server, port), () =>
    Effect.sync(() => {
      server.close()
      proxy.cutAll()
    }))
  return proxy
})

/** Small servers of our own on this machine, closed with their scope: for answers that no real server gives on demand. */
import { Effect } from "effect"
import { createServer, type RequestListener, type Server as HttpServer } from "node:http"
import { createServer as createTcpServer, type Server, type Socket } from "node:net"

export const listening = (server: Server) =>
  Effect.acquireRelease(
    Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(address === null || typeof address === "string" ? 0 : address.port))
      })
    }),
    () => Effect.sync(() => server.close())
  )

const withoutKept = (listener: RequestListener): HttpServer => createServer({ keepAlive: false }, listener)

/** Its URL. */
export const httpServer = (listener: RequestListener) =>
  Effect.map(listening(withoutKept(listener)), (port) => `http://127.0.0.1:${port}`)

/** Bytes are the script's affair. */
export const tcpServer = (onConnection: (socket: Socket) => void) =>
  Effect.map(
    listening(createTcpServer((socket) => {
      socket.on("error", () => undefined)
      onConnection(socket)
    })),
    (port) => `http://127.0.0.1:${port}`
  )

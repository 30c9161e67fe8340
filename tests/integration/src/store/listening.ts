/** Small servers on this machine, closed with their scope: for answers that no real server gives on demand. */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { createServer, type RequestListener } from "node:http"
import { createServer as createHttpsServer } from "node:https"
import { createServer as createTcpServer, type Server, type Socket } from "node:net"
import path from "node:path"
import { getCACertificates, setDefaultCACertificates } from "node:tls"

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

/** Its URL. */
export const httpServer = (listener: RequestListener) =>
  Effect.map(listening(createServer({ keepAlive: false }, listener)), (port) => `http://127.0.0.1:${port}`)

/** Bytes are the script's affair. */
export const tcpServer = (onConnection: (socket: Socket) => void) =>
  Effect.map(
    listening(createTcpServer((socket) => {
      socket.on("error", () => undefined)
      onConnection(socket)
    })),
    (port) => `http://127.0.0.1:${port}`
  )

const fixture = (folder: string, name: string) =>
  readFileSync(path.resolve(import.meta.dirname, "../../test/fixtures", folder, name), "utf8")

/** Its port. The folder of fixtures holds `key.pem` and `cert.pem`. */
export const httpsServer = (folder: string, listener: RequestListener) =>
  listening(createHttpsServer({ key: fixture(folder, "key.pem"), cert: fixture(folder, "cert.pem") }, listener))

/** Until the scope closes, certificates of that folder are as good as anybody's. */
export const trusting = (folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const before = getCACertificates()
      setDefaultCACertificates([...before, fixture(folder, "cert.pem")])
      return before
    }),
    (before) => Effect.sync(() => setDefaultCACertificates(before))
  )

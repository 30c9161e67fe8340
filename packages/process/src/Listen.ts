/** The HTTP or HTTPS server on the address of the settings. Modules are imported singly: the rest costs memory. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Effect, FileSystem, Layer, Option } from "effect"
import { HttpServer, type HttpServerError } from "effect/http"
import { createServer, type Server } from "node:http"
import { createServer as createTlsServer } from "node:https"
import { createSecureContext } from "node:tls"
import type { ListenAddress } from "./settings/ListenAddress.ts"
import { Settings, type TlsFiles } from "./settings/Settings.ts"
import { listenFailure, StartupFailure } from "./StartupFailure.ts"

/** What requests in flight get of the drain before their connections are closed. */
const shareOfDrain = 0.4

const addressOf = ({ host, port }: ListenAddress): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

const readPem = Effect.fnUntraced(function*(variable: string, file: string) {
  const files = yield* FileSystem.FileSystem
  return yield* files.readFileString(file).pipe(
    Effect.mapError(({ reason }) => new StartupFailure({ message: `${variable}: cannot read ${file}: ${reason._tag}` }))
  )
})

const secureOptions = Effect.fnUntraced(function*(tls: TlsFiles) {
  const cert = yield* readPem("TAILRACE_TLS_CERT", tls.cert)
  const key = yield* readPem("TAILRACE_TLS_KEY", tls.key)
  yield* Effect.try({
    try: () => createSecureContext({ cert, key }),
    catch: (error) =>
      new StartupFailure({
        message: `TAILRACE_TLS_CERT and TAILRACE_TLS_KEY are no pair of PEM files: ${
          error instanceof Error ? error.message : String(error)
        }`
      })
  })
  return { cert, key }
})

/** A connection whose last request ends while the server closes would otherwise be held open for more of them. */
const leavingNoIdle = (server: Server): Server =>
  server.on("request", (_request, response) => {
    response.once("finish", () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections())
    })
  })

const refused = (listen: ListenAddress, error: HttpServerError.ServeError): Effect.Effect<never, StartupFailure> =>
  Effect.fail(listenFailure(addressOf(listen), error))

/** Fails with one line when the address or the certificate cannot be used. */
export const layer = Layer.unwrap(Effect.gen(function*() {
  const { limits, listen, tls } = yield* Settings
  const gracefulShutdownTimeout = limits.drain * shareOfDrain
  const secure = Option.isSome(tls) ? yield* secureOptions(tls.value) : undefined
  const evaluate = () => leavingNoIdle(secure === undefined ? createServer() : createTlsServer(secure))
  return NodeHttpServer.layer(evaluate, { ...listen, gracefulShutdownTimeout }).pipe(
    Layer.catch((error) => Layer.effectContext(refused(listen, error)))
  )
}))

/** Where the server can be reached from this machine, as a URL. */
export const url = Effect.gen(function*() {
  const { listen, tls } = yield* Settings
  const { address } = yield* HttpServer.HttpServer
  const port = "port" in address ? address.port : listen.port
  const anywhere = listen.host === "0.0.0.0" || listen.host === "::"
  const scheme = Option.isSome(tls) ? "https" : "http"
  return `${scheme}://${addressOf({ host: anywhere ? "127.0.0.1" : listen.host, port })}`
})

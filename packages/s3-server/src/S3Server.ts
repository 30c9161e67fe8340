/**
 * A small S3-compatible server on a folder: signatures checked, `If-None-Match: *` obeyed, objects as plain files. For
 * the demonstration and for tests; it is no place to keep anything (one process, no fsync, no access control beyond
 * the keys).
 */
import { Effect, FiberSet, Redacted, Schema } from "effect"
import { createServer, type Server } from "node:http"
import { Folder } from "./Folder.ts"
import { type Credential, serveOne, type Site } from "./Http.ts"
import type { Session } from "./SigV4.ts"

export type { Credential } from "./Http.ts"
export type { Session } from "./SigV4.ts"

export interface Options {
  /** Made if absent. Objects lie at `<folder>/<bucket>/<key>`; `<folder>/.s3` is the server's own. */
  readonly folder: string
  readonly credentials: ReadonlyArray<Credential>
  /** Temporary credentials by their access key id, as a token service gives them out; none by default. */
  readonly sessions?: (accessKeyId: string) => Session | undefined
  /** Made if absent. */
  readonly buckets?: ReadonlyArray<string>
  /** `127.0.0.1` by default. */
  readonly host?: string
  /** 0, the default, lets the system choose. */
  readonly port?: number
  /** Own names for virtual-host style, `bucket.<domain>`; `localhost` by default. Path style always works. */
  readonly domains?: ReadonlyArray<string>
}

export interface Running {
  /** For path style, as in `http://127.0.0.1:9000`. */
  readonly url: string
  readonly port: number
}

/** The folder cannot be used, or the port is taken. */
export class S3ServerError extends Schema.TaggedError<S3ServerError>()("S3ServerError", {
  reason: Schema.String
}) {
  override get message(): string {
    return `S3 server: ${this.reason}`
  }
}

const failed = (cause: unknown) => new S3ServerError({ reason: cause instanceof Error ? cause.message : String(cause) })

const openSite = Effect.fnUntraced(function*(options: Options) {
  const folder = yield* Folder.open(options.folder)
  yield* Effect.forEach(options.buckets ?? [], (bucket) =>
    folder.createBucket(bucket).pipe(
      Effect.catchIf((error) => error.code === "BucketAlreadyOwnedByYou", () => Effect.void)
    ))
  const site: Site = {
    folder,
    credentials: new Map(options.credentials.map((it) => [it.accessKeyId, Redacted.value(it.secretAccessKey)])),
    sessions: options.sessions ?? (() => undefined),
    domains: options.domains ?? ["localhost"]
  }
  return site
})

const listen = (server: Server, { host = "127.0.0.1", port = 0 }: Options) =>
  Effect.callback<number, S3ServerError>((resume) => {
    server.once("error", (error) => resume(Effect.fail(failed(error))))
    server.listen(port, host, () => {
      const address = server.address()
      resume(Effect.succeed(address === null || typeof address === "string" ? port : address.port))
    })
  })

const close = (server: Server) =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/**
 * Serves until the scope closes; requests under way are cut then.
 *
 * @example
 * const credentials = [{ accessKeyId: "demo", secretAccessKey: Redacted.make("…") }]
 * const { url } = yield* serve({ folder: "data/s3", credentials, buckets: ["logs"] })
 */
export const serve = Effect.fn("S3Server.serve")(function*(options: Options) {
  const site = yield* openSite(options).pipe(Effect.mapError(failed))
  const runFork = yield* FiberSet.makeRuntime()
  const server = yield* Effect.acquireRelease(Effect.sync(() => createServer()), close)
  server.on("request", (message, response) => runFork(serveOne(site, { message, response, goOn: () => undefined })))
  server.on(
    "checkContinue",
    (message, response) => runFork(serveOne(site, { message, response, goOn: () => response.writeContinue() }))
  )
  server.maxConnections = 1_000
  const port = yield* listen(server, options)
  const host = options.host ?? "127.0.0.1"
  const running: Running = { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`, port }
  return running
})

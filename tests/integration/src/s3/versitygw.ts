/** Adapter: a real versitygw process on a folder. `scripts/versitygw.mjs` installs it into `.cache/` when absent. */
import { Duration, Effect, Schedule, Schema } from "effect"
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { connect, createServer } from "node:net"
import path from "node:path"

export class VersitygwError extends Schema.TaggedError<VersitygwError>()("VersitygwError", { reason: Schema.String }) {
  override get message(): string {
    return `versitygw: ${this.reason}`
  }
}

export interface VersitygwOptions {
  readonly folder: string
  /** 0: any. */
  readonly port: number
  readonly buckets: ReadonlyArray<string>
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const failed = (cause: unknown) =>
  new VersitygwError({ reason: cause instanceof Error ? cause.message : String(cause) })

const script = path.resolve(import.meta.dirname, "../../../../scripts/versitygw.mjs")

/** Minutes the first time, nothing later. */
export const installVersitygw = Effect.callback<string, VersitygwError>((resume) => {
  execFile(
    process.execPath,
    [script],
    (error, stdout, stderr) =>
      resume(error === null ? Effect.succeed(stdout.trim()) : Effect.fail(failed(stderr.trim() || error)))
  )
})

const freePort = Effect.callback<number, VersitygwError>((resume) => {
  const server = createServer()
  server.once("error", (error) => resume(Effect.fail(failed(error))))
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = address === null || typeof address === "string" ? 0 : address.port
    server.close(() => resume(Effect.succeed(port)))
  })
})

const tryConnect = (port: number) =>
  Effect.callback<void, VersitygwError>((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resume(Effect.sync(() => socket.destroy()).pipe(Effect.asVoid)))
    socket.once("error", (error) => resume(Effect.fail(failed(error))))
  })

interface Launch {
  readonly port: number
  readonly options: VersitygwOptions
  /** Further arguments of the `posix` command. */
  readonly more: ReadonlyArray<string>
}

const launch = (binary: string, { more, options, port }: Launch) =>
  spawn(binary, [
    "--port",
    `127.0.0.1:${port}`,
    "--virtual-domain",
    `localhost:${port}`,
    "--quiet",
    "--keep-alive",
    "posix",
    ...more,
    path.join(options.folder, "buckets")
  ], {
    stdio: ["ignore", "ignore", "pipe"],
    // By environment, so that no process list shows them.
    env: { ...process.env, ROOT_ACCESS_KEY_ID: options.accessKeyId, ROOT_SECRET_ACCESS_KEY: options.secretAccessKey }
  })

const exited = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const stop = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (exited(child)) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const died = (child: ChildProcess) =>
  Effect.callback<never, VersitygwError>((resume) => {
    let said = ""
    child.stderr?.on("data", (chunk) => said += String(chunk))
    child.once("error", (error) => resume(Effect.fail(failed(error))))
    child.once("exit", (code) => resume(Effect.fail(failed(`ended with ${code}: ${said.trim().slice(0, 500)}`))))
  })

const ready = (port: number) =>
  Effect.retry(tryConnect(port), Schedule.spaced(Duration.millis(50))).pipe(
    Effect.timeoutOrElse({ duration: "15 seconds", orElse: () => Effect.fail(failed("does not listen")) })
  )

const run = Effect.fnUntraced(function*(options: VersitygwOptions, more: ReadonlyArray<string>) {
  const binary = yield* installVersitygw
  const port = options.port === 0 ? yield* freePort : options.port
  const child = yield* Effect.acquireRelease(Effect.sync(() => launch(binary, { port, options, more })), stop)
  yield* Effect.raceFirst(ready(port), died(child))
  return { url: `http://127.0.0.1:${port}`, port }
})

/** Killed when the scope closes. Buckets are folders below `<folder>/buckets`. */
export const startVersitygw = Effect.fn("startVersitygw")(function*(options: VersitygwOptions) {
  const sidecar = path.join(options.folder, "sidecar")
  const folders = [sidecar, ...options.buckets.map((bucket) => path.join(options.folder, "buckets", bucket))]
  yield* Effect.tryPromise({
    try: () => Promise.all(folders.map((folder) => mkdir(folder, { recursive: true }))),
    catch: failed
  })
  // Metadata is in extended attributes, which some file systems lack.
  return yield* run(options, []).pipe(
    Effect.catchIf((error) => error.reason.includes("xattr"), () => run(options, ["--sidecar", sidecar]))
  )
})

/** Adapter: a server of somebody else's as a process: installed by a script, started, waited for, killed. */
import { Duration, Effect, Schedule, Schema } from "effect"
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { connect, createServer } from "node:net"
import path from "node:path"

export class ServerError extends Schema.TaggedError<ServerError>()("ServerError", { reason: Schema.String }) {
  override get message(): string {
    return this.reason
  }
}

const failed = (cause: unknown) => new ServerError({ reason: cause instanceof Error ? cause.message : String(cause) })

const scripts = path.resolve(import.meta.dirname, "../../../../scripts")

/** What the script prints: minutes the first time, nothing later. */
export const installedBy = (script: string) =>
  Effect.callback<string, ServerError>((resume) => {
    execFile(process.execPath, [path.join(scripts, script)], (error, stdout, stderr) => {
      resume(error === null ? Effect.succeed(stdout.trim()) : Effect.fail(failed(stderr.trim() || error)))
    })
  })

export const freePort = Effect.callback<number, ServerError>((resume) => {
  const server = createServer()
  server.once("error", (error) => resume(Effect.fail(failed(error))))
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = address === null || typeof address === "string" ? 0 : address.port
    server.close(() => resume(Effect.succeed(port)))
  })
})

const tryConnect = (port: number) =>
  Effect.callback<void, ServerError>((resume) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resume(Effect.asVoid(Effect.sync(() => socket.destroy()))))
    socket.once("error", (error) => resume(Effect.fail(failed(error))))
  })

const ready = (port: number) =>
  Effect.retry(tryConnect(port), Schedule.spaced(Duration.millis(50))).pipe(
    Effect.timeoutOrElse({ duration: "30 seconds", orElse: () => Effect.fail(failed("does not listen")) })
  )

const stop = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

const died = (child: ChildProcess) =>
  Effect.callback<never, ServerError>((resume) => {
    let said = ""
    child.stderr?.on("data", (chunk) => said = (said + String(chunk)).slice(0, 4_000))
    child.once("error", (error) => resume(Effect.fail(failed(error))))
    child.once("exit", (code) => resume(Effect.fail(failed(`ended with ${code}: ${said.trim().slice(0, 500)}`))))
  })

export interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** Where it will listen. */
  readonly port: number
}

/** Listens when this returns; killed when the scope closes. */
export const startServer = Effect.fn("startServer")(function*({ args, env, file, port }: Command) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(file, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, ...env } })),
    stop
  )
  yield* Effect.raceFirst(ready(port), died(child))
})

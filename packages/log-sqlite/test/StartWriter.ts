/** Starts the writer process and collects what it says. Adapter of node:child_process. */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("./WriterProcess.ts", import.meta.url))

export interface WriterProcess {
  readonly lines: ReadonlyArray<string>
  /** Waits until it has said this many lines, or has ended. */
  said(count: number): Effect.Effect<void>
  /** SIGKILL; answers when it is gone. */
  readonly kill: Effect.Effect<void>
  /** Waits for its own end; answers the exit code and what it wrote to stderr. */
  readonly ended: Effect.Effect<{ readonly code: number | null; readonly errors: string }>
}

export const startWriter = (directory: string, first = 0): WriterProcess => {
  const child = spawn(process.execPath, ["--conditions=tailrace-src", script, directory, `${first}`])
  const lines: Array<string> = []
  let errors = ""
  let rest = ""
  child.stderr.on("data", (data: Buffer) => {
    errors += data.toString()
  })
  child.stdout.on("data", (data: Buffer) => {
    const parts = (rest + data.toString()).split("\n")
    rest = parts.pop() ?? ""
    lines.push(...parts)
    child.emit("line")
  })
  const ended = Effect.callback<{ code: number | null; errors: string }>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      return resume(Effect.succeed({ code: child.exitCode, errors }))
    }
    child.once("close", (code) => resume(Effect.succeed({ code, errors })))
  })
  const said = (count: number) =>
    Effect.callback<void>((resume) => {
      const check = () => {
        if (lines.length < count && child.exitCode === null) return
        child.off("line", check)
        resume(Effect.void)
      }
      child.on("line", check)
      child.once("close", check)
      check()
    })
  const kill = Effect.suspend(() => {
    child.kill("SIGKILL")
    return Effect.asVoid(ended)
  })
  return { lines, said, kill, ended }
}

/** Runs one program of a stage to its end; the only place of the test runner that starts processes. */
import { spawn } from "node:child_process"

export interface Command {
  readonly program: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  /** Show the output as it comes; otherwise it is kept and shown only if the program fails. */
  readonly live?: boolean
}

export interface Finished {
  readonly code: number
  readonly output: string
}

/** A signal to the runner ends the program that is running as well; a terminal's Ctrl-C reaches it by itself. */
export function run(command: Command): Promise<Finished> {
  const piped = command.live === true ? "inherit" : "pipe"
  const { promise, resolve } = Promise.withResolvers<Finished>()
  const child = spawn(command.program, command.args, { cwd: command.cwd, stdio: ["ignore", piped, piped] })
  const parts: Array<Buffer> = []
  const stop = () => {
    child.kill("SIGTERM")
    process.exit(143)
  }
  const finish = (code: number, note: string) => {
    process.off("SIGTERM", stop)
    resolve({ code, output: Buffer.concat(parts).toString("utf8") + note })
  }
  process.on("SIGTERM", stop)
  child.stdout?.on("data", (part: Buffer) => parts.push(part))
  child.stderr?.on("data", (part: Buffer) => parts.push(part))
  child.on("error", (error) => finish(127, `${command.program}: ${error.message}\n`))
  child.on("close", (code, signal) => finish(code ?? 1, signal === null ? "" : `${command.program}: ${signal}\n`))
  return promise
}

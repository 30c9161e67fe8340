/** Adapter: a program of ours as a real process, with what it printed and how it ended. */
import { Deferred, Effect, Schema, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import path from "node:path"

export const root = path.resolve(import.meta.dirname, "../../../..")

export class NotSeen
  extends Schema.TaggedError<NotSeen>()("NotSeen", { wanted: Schema.String, output: Schema.String })
{
  override get message(): string {
    return `${this.wanted} was not printed within the time; printed was:\n${this.output}`
  }
}

export interface Ended {
  /** Null: ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Program {
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  signal(signal: NodeJS.Signals): void
  /** The first match of the pattern in what is printed to stdout, now or within the time. */
  seen(pattern: RegExp, seconds?: number): Effect.Effect<RegExpExecArray, NotSeen>
  readonly ended: Effect.Effect<Ended>
}

export interface Start {
  /** `apps/tailrace/src/main.ts` */
  readonly file: string
  readonly args?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

/** Settings of whoever runs the tests must not reach the program. */
const cleanEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("TAILRACE_") ? [] : [[name, value]]
    )
  )

/** As `npm start` has it: types are stripped once, and the process is 50 MB smaller. */
const compileCache = { NODE_COMPILE_CACHE: path.join(root, ".cache", "compile") }

const launch = ({ args = [], env = {}, file, stdin }: Start): ChildProcess => {
  const command = ["--conditions=tailrace-src", "--disable-warning=ExperimentalWarning", path.join(root, file), ...args]
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { ...compileCache, ...cleanEnvironment(), ...env },
    stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"]
  })
  child.stdin?.end(stdin)
  return child
}

const pollMillis = 25

/** What was launched, killed with SIGKILL when the scope closes; its stdout and stderr must be pipes. */
export const supervise = Effect.fn("Program.supervise")(function*(launched: () => ChildProcess) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(launched),
    (running) => Effect.sync(() => running.kill("SIGKILL"))
  )
  const text = { stdout: "", stderr: "" }
  child.stdout?.setEncoding("utf8").on("data", (part: string) => text.stdout += part)
  child.stderr?.setEncoding("utf8").on("data", (part: string) => text.stderr += part)
  const closed = yield* Deferred.make<number | null>()
  child.on("close", (code) => Deferred.doneUnsafe(closed, Effect.succeed(code)))

  const seen = Effect.fnUntraced(function*(pattern: RegExp, seconds = 20) {
    for (let waited = 0; waited < seconds * 1_000 && child.exitCode === null; waited += pollMillis) {
      const match = pattern.exec(text.stdout)
      if (match !== null) return match
      yield* Effect.sleep(pollMillis)
    }
    return yield* new NotSeen({ wanted: String(pattern), output: text.stdout + text.stderr })
  })
  const program: Program = {
    pid: child.pid ?? 0,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    signal: (signal) => void child.kill(signal),
    seen,
    ended: Effect.map(Deferred.await(closed), (code) => ({ code, ...text }))
  }
  return program
})

/** A source file of ours, killed with SIGKILL when the scope closes. */
export const start = (options: Start): Effect.Effect<Program, never, Scope.Scope> => supervise(() => launch(options))

/** Runs a program to its end. */
export const run = (options: Start): Effect.Effect<Ended> =>
  Effect.scoped(Effect.flatMap(start(options), ({ ended }) => ended))

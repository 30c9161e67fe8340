/** Adapter: a program as a process of its own, so that what it costs is not mixed with what the benchmark costs. */
import { Effect, Schema } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import path from "node:path"
import { treeOf } from "./ProcessFigures.ts"

export const root = path.resolve(import.meta.dirname, "../../..")

export class NotSeen
  extends Schema.TaggedError<NotSeen>()("NotSeen", { wanted: Schema.String, output: Schema.String })
{
  override get message(): string {
    return `${this.wanted} was not printed within the time; printed was:\n${this.output}`
  }
}

export interface Program {
  readonly pid: number
  /** The first match of the pattern in what is printed, now or within the time. */
  seen(pattern: RegExp, seconds?: number): Effect.Effect<RegExpExecArray, NotSeen>
  /** Asks it to stop and waits until it has. */
  readonly stop: Effect.Effect<void>
  readonly ended: Effect.Effect<number | null>
}

export interface Start {
  readonly command: readonly [program: string, ...args: ReadonlyArray<string>]
  readonly env?: Readonly<Record<string, string>>
}

/** A source file of this package, with arguments. */
export const ownSource = (file: string, ...args: ReadonlyArray<string>): Start["command"] => [
  process.execPath,
  "--conditions=tailrace-src",
  "--disable-warning=ExperimentalWarning",
  path.join(import.meta.dirname, file),
  ...args
]

/** Settings of whoever runs the benchmark must not reach the program. */
const cleanEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("TAILRACE_") ? [] : [[name, value]]
    )
  )

const launch = ({ command: [program, ...args], env = {} }: Start): ChildProcess =>
  spawn(program, args, { cwd: root, env: { ...cleanEnvironment(), ...env }, stdio: ["ignore", "pipe", "pipe"] })

/** With what it started itself: a task of the bootstrap is such a child. */
const killTree = (child: ChildProcess) =>
  Effect.gen(function*() {
    if (child.exitCode !== null || child.pid === undefined) return
    for (const pid of yield* treeOf(child.pid)) {
      yield* Effect.ignore(Effect.try(() => process.kill(pid, "SIGKILL")))
    }
  })

const pollMillis = 20

/** Killed when the scope closes. */
export const start = Effect.fn("Program.start")(function*(options: Start) {
  const child = yield* Effect.acquireRelease(Effect.sync(() => launch(options)), killTree)
  let text = ""
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (part) => text += part)
  const closed = Promise.withResolvers<number | null>()
  child.on("close", closed.resolve)
  const ended = Effect.promise(() => closed.promise)

  const seen = Effect.fnUntraced(function*(pattern: RegExp, seconds = 60) {
    for (let waited = 0; waited < seconds * 1_000 && child.exitCode === null; waited += pollMillis) {
      const match = pattern.exec(text)
      if (match !== null) return match
      yield* Effect.sleep(pollMillis)
    }
    // It may have ended before what it printed last has come here.
    if (child.exitCode !== null) yield* ended
    const match = pattern.exec(text)
    if (match !== null) return match
    return yield* new NotSeen({ wanted: String(pattern), output: text })
  })
  const stop = Effect.andThen(Effect.sync(() => child.kill("SIGTERM")), Effect.asVoid(ended))
  const program: Program = { pid: child.pid ?? 0, seen, stop, ended }
  return program
})

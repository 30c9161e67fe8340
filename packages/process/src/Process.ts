/**
 * The process around the program: arguments and signals in, one line and an exit code out. What the lines say about a
 * failure is in `StartupFailure.ts`.
 */
import { Cause, Effect, Exit } from "effect"
import process from "node:process"
import { answerTo } from "./Arguments.ts"
import { limitHeapGrowth } from "./HeapGrowth.ts"
import { type App } from "./settings/App.ts"
import { settings } from "./settings/Settings.ts"
import { explain } from "./StartupFailure.ts"

/** How long a drain may take; what is not sent by then is sent after the next start. Read again: see `Settings`. */
const drainLimit = Effect.orElseSucceed(settings.drain.value, () => 10_000)

const signals = { SIGINT: 130, SIGTERM: 143 } as const
type Signal = keyof typeof signals

const say = (line: string): void => {
  process.stderr.write(`tailrace: ${line}\n`)
}

/**
 * Runs the program until it ends or a signal asks it to. The first signal drains and exits 0; a second one exits at
 * once with 128 + its number; a failure is one line on stderr and exit code 1.
 */
export const runProcess = <E>(program: Effect.Effect<void, E>): void => {
  limitHeapGrowth()
  const fiber = Effect.runFork(program)
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  let draining = false

  const onSignal = (signal: Signal) => {
    if (draining) process.exit(signals[signal])
    draining = true
    say("stopping; a second signal stops at once")
    const drainMillis = Effect.runSync(drainLimit)
    setTimeout(() => {
      say(`not drained within ${drainMillis / 1000} s; the rest is sent after the next start`)
      process.exit(0)
    }, drainMillis).unref()
    fiber.interruptUnsafe(fiber.id)
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, onSignal)
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    process.exit(draining ? 0 : exitCode(exit))
  })
}

const exitCode = (exit: Exit.Exit<void, unknown>): number => {
  if (Exit.isSuccess(exit)) return 0
  say(explain(Cause.squash(exit.cause)))
  return 1
}

/** For `main.ts`: `--help` and `--version` are answered, anything else but nothing is wrong usage (exit code 2). */
export const runMain = <E>(app: App, program: Effect.Effect<void, E>): void => {
  const answer = answerTo(app, process.argv.slice(2))
  if (answer === undefined) return runProcess(program)
  if (answer.exitCode === 0) process.stdout.write(`${answer.text}\n`)
  else say(answer.text)
  process.exitCode = answer.exitCode
}

/** The machine that figures were measured on: without it they mean nothing. Linux; elsewhere less is known. */
import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { availableParallelism, cpus, loadavg } from "node:os"

/** A file of `/proc`; empty where there is none, or the process is gone. */
export const readProc = (file: string): Effect.Effect<string> =>
  Effect.tryPromise(() => readFile(`/proc/${file}`, "utf8")).pipe(Effect.orElseSucceed(() => ""))

/** One line for the head of a report. SHA instructions matter: every content is hashed once. */
export const machine: Effect.Effect<string> = Effect.map(readProc("cpuinfo"), (cpuinfo) => {
  const model = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)?.[1] ?? cpus()[0]?.model ?? "unknown processor"
  const sha = /\b(sha_ni|sha2)\b/.test(cpuinfo) ? "SHA instructions" : "no SHA instructions"
  const load = loadavg()[0]?.toFixed(1)
  return `${model}, ${availableParallelism()} cores, ${sha}; Node ${process.version}; load at the start ${load}`
})

/** Adapter: what a process and all its descendants cost so far, as the kernel counts it. Linux only. */
import { Effect } from "effect"
import { readProc } from "./Machine.ts"

export interface Figures {
  /** User and system time of all threads, of processes that have ended too. */
  readonly cpuSeconds: number
  /** The most that one of the processes ever had resident. */
  readonly highestBytes: number
  /** Resident now, all processes together. */
  readonly residentBytes: number
}

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** In seconds, of the text of a `stat` in `/proc`: its own and that of children that have ended. */
export const cpuOf = (stat: string): number => {
  // The name may hold spaces: the fields are counted from behind it (proc_pid_stat(5): utime is number 14).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond
}

const kibibytes = (status: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024

/** The process and its descendants that live now, parents first. */
export const treeOf = (pid: number): Effect.Effect<ReadonlyArray<number>> =>
  Effect.gen(function*() {
    const children = (yield* readProc(`${pid}/task/${pid}/children`)).split(" ").filter((text) => text !== "").map(
      Number
    )
    const below = yield* Effect.forEach(children, treeOf)
    return [pid, ...below.flat()]
  })

const figuresOfOne = Effect.fnUntraced(function*(pid: number) {
  const stat = yield* readProc(`${pid}/stat`)
  const status = yield* readProc(`${pid}/status`)
  return {
    cpuSeconds: cpuOf(stat),
    highestBytes: kibibytes(status, "VmHWM"),
    residentBytes: kibibytes(status, "VmRSS")
  }
})

export const figuresOf = (pid: number): Effect.Effect<Figures> =>
  Effect.gen(function*() {
    const all = yield* Effect.forEach(yield* treeOf(pid), figuresOfOne)
    return {
      cpuSeconds: all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      highestBytes: Math.max(...all.map(({ highestBytes }) => highestBytes)),
      residentBytes: all.reduce((sum, { residentBytes }) => sum + residentBytes, 0)
    }
  })

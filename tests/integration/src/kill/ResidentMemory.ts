/** Adapter: the most memory that a process ever had resident, as the kernel counted it. Linux only. */
import { Effect } from "effect"
import { readFile } from "node:fs/promises"

/** In bytes; 0 where there is no such process or no such file system. */
export const highestResident = (pid: number): Effect.Effect<number> =>
  Effect.tryPromise(() => readFile(`/proc/${pid}/status`, "utf8")).pipe(
    Effect.map((status) => Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024),
    Effect.orElseSucceed(() => 0)
  )

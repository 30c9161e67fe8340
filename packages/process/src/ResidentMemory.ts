/** The process's resident memory as a metric, because it is what `TAILRACE_MEMORY` promises. */
import { Effect, Layer, Metric, Schedule } from "effect"
import process from "node:process"

const residentMemory = Metric.gauge("process_resident_memory_bytes", { description: "Resident memory of the process" })

export const layer = Layer.effectDiscard(
  Effect.suspend(() => Metric.update(residentMemory, process.memoryUsage.rss())).pipe(
    Effect.repeat(Schedule.spaced("5 seconds")),
    Effect.forkScoped
  )
)

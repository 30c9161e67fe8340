/** Yardstick: how fast Kafka's own consumer reads the same records and does nothing with them. */
import { Effect } from "effect"
import { toolJars } from "../../../../scripts/kafka/Jars.ts"
import { cpuOf } from "../ProcessFigures.ts"
import { start } from "../Program.ts"
import type { Kafka } from "./Broker.ts"

/** The shell knows what its child has cost, when it has ended. */
const thenCost = `"$@"; cat /proc/$$/stat`

export interface Consumed {
  readonly perSecond: number
  /** Its start included. */
  readonly perCpuSecond: number
}

/** ConsumerPerformance of kafka-tools, with its default settings. */
export const consuming = Effect.fn("consuming")(function*({ bootstrap }: Kafka, records: number) {
  const tool = "org.apache.kafka.tools.ConsumerPerformance"
  const options = ["--bootstrap-server", bootstrap, "--topic", "tailrace.flow", "--num-records", `${records}`]
  const java = ["java", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", `${toolJars()}/*`, tool]
  const program = yield* start({ command: ["sh", "-c", thenCost, "sh", ...java, ...options] })
  const [, cost = ""] = yield* program.seen(/^(\d+ \(sh\).+)$/m, 300)
  // The columns: start, end, MB, MB a second, records, records a second …
  const [, , perSecond = "0"] = yield* program.seen(/^\d{4}-[^,]+,[^,]+,[^,]+,[^,]+,([^,]+),([^,]+)/m)
  const consumed: Consumed = { perSecond: Number(perSecond), perCpuSecond: records / cpuOf(cost) }
  return consumed
}, Effect.scoped)

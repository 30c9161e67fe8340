/** How many records lie in the topic of flow records, asked by Kafka's own tool. */
import { Effect } from "effect"
import { toolJars } from "../../../../scripts/kafka/Jars.ts"
import { start } from "../Program.ts"
import type { Kafka } from "./Broker.ts"
import { lanes } from "./KafkaApp.ts"

/** Nobody writes there in transactions here, so each offset is a record. */
export const topicSize = Effect.fn("topicSize")(function*({ bootstrap }: Kafka) {
  const tool = ["-cp", `${toolJars()}/*`, "org.apache.kafka.tools.GetOffsetShell"]
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"
  const args = ["--bootstrap-server", bootstrap, "--topic", "tailrace.flow"]
  const program = yield* start({ command: ["java", quiet, ...tool, ...args] })
  const found = yield* program.seen(new RegExp(`(?:^tailrace\\.flow:\\d+:\\d+\\n){${lanes}}`, "m"))
  return [...found[0].matchAll(/:(\d+)$/gm)].reduce((sum, [, end]) => sum + Number(end), 0)
}, Effect.scoped)

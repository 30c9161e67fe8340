/** The real broker of these benchmarks, in a process of its own; ours is measured against its cost as well. */
import { Effect } from "effect"
import { startBroker } from "../../../../scripts/kafka/Broker.ts"

/** A cluster's folder that is kept names its port. */
const port = 19_192

/** The optimizing compiler and the collector that Java chooses; room for what a busy broker needs. */
const jvm = ["-Xms1g", "-Xmx1g"]

const dayMillis = 86_400_000

/** Records that are kept for the next run must not be retired in it. */
const properties = { "log.retention.check.interval.ms": `${dayMillis}`, "log.initial.task.delay.ms": `${dayMillis}` }

export interface Kafka {
  /** `host:port`. */
  readonly bootstrap: string
  readonly pid: number
}

/** Serves when it returns; stopped cleanly when the scope closes, so that its folder can be kept. */
export const startKafka = Effect.fn("startKafka")(function*(dataFolder: string) {
  const cluster = yield* Effect.acquireRelease(
    Effect.promise(() => startBroker({ dataFolder, jvm, port, properties })),
    (cluster) => Effect.promise(() => cluster.stop())
  )
  const kafka: Kafka = { bootstrap: cluster.bootstrap, pid: cluster.brokers[0].pid }
  return kafka
})

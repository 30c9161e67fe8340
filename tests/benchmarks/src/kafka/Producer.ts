/** Adapter: flow records in a topic as a user's own producer writes them: Kafka's client for Java, as it comes. */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { brokerJars } from "../../../../scripts/kafka/Jars.ts"
import { tailnet } from "../App.ts"
import { flowRecords } from "../FlowRecords.ts"
import type { Kafka } from "./Broker.ts"
import { Fingerprints } from "./Fingerprints.ts"
import { lanes } from "./KafkaApp.ts"

const recordsPerBlock = 1_000

const blocks = function*({ firstMillis, records }: Production, seen: Fingerprints) {
  const next = flowRecords("exported", firstMillis)
  for (let done = 0; done < records;) {
    const count = Math.min(recordsPerBlock, records - done)
    const block = Array.from({ length: count }, () => Buffer.from(`${next()}\n`, "latin1"))
    for (const line of block) seen.add(line.subarray(0, -1))
    yield Buffer.concat(block)
    done += count
  }
}

const source = path.join(import.meta.dirname, "Produce.java")

export interface Production {
  readonly records: number
  /** 1: `example.com`, evenly over all lanes. More: `t0.example.com`, `t1.example.com` … */
  readonly tailnets: number
  /** When the first one was logged. */
  readonly firstMillis?: number
}

/** Answers the fingerprints of what was written. */
export const produce = Effect.fn("produce")(function*({ bootstrap }: Kafka, production: Production) {
  const seen = new Fingerprints()
  const jvm = ["-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-cp", `${brokerJars("4.4.0")}/*`]
  const args = [source, bootstrap, "tailrace.flow", `${lanes}`, tailnet, `${production.tailnets}`]
  yield* Effect.promise(async () => {
    const child = spawn("java", [...jvm, ...args], { stdio: ["pipe", "ignore", "inherit"] })
    const ended = once(child, "close")
    await pipeline(Readable.from(blocks(production, seen)), child.stdin)
    const [code] = await ended
    if (code !== 0) throw new Error(`the producer ended with ${code}`)
  })
  return seen
})

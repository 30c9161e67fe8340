/** Does the cost stay linear? The same records to more destinations of a tailnet, of more tailnets, more records. */
import { Effect } from "effect"
import { line, megabytes, seconds, title, whole } from "../Report.ts"
import { deliver } from "./Delivered.ts"
import type { Backlog } from "./KafkaBacklog.ts"
import { reportStored, startUp } from "./KafkaDelivery.ts"

const measured = Effect.fnUntraced(function*(name: string, backlog: Backlog, startSeconds: number) {
  const delivered = yield* deliver({ backlog, cores: [undefined] })
  const [worker = { cpuSeconds: Infinity, highestBytes: 0 }] = delivered.workers
  const working = worker.cpuSeconds - startSeconds
  const deliveries = backlog.records * backlog.destinations
  yield* line(name, `CPU ${seconds(worker.cpuSeconds)}`, `highest resident ${megabytes(worker.highestBytes)}`)
  yield* line(
    "  without the start, per CPU-second",
    `read ${whole(backlog.records / working)}`,
    `delivered ${whole(deliveries / working)}`
  )
  yield* reportStored({ ...delivered, records: deliveries })
})

const destinations = [1, 10, 100, 1_000]
const tailnets = [1, 100, 10_000]

/** The same number of records each time, read once and delivered to all. */
export const kafkaWidth = Effect.fn("kafkaWidth")(function*(records: number) {
  yield* title(`Width: ${whole(records)} flow records of 600 bytes to many destinations of one tailnet`)
  const { cpuSeconds } = yield* startUp
  for (const many of destinations) {
    const backlog = { records, tailnets: 1, destinations: many }
    yield* measured(`${whole(many)} destinations`, backlog, cpuSeconds)
  }
})

/** The same number of records each time, of so many tailnets with a destination each. */
export const kafkaTailnets = Effect.fn("kafkaTailnets")(function*(records: number) {
  yield* title(`Tailnets: ${whole(records)} flow records of 600 bytes of many tailnets`)
  const { cpuSeconds } = yield* startUp
  for (const many of tailnets) {
    yield* measured(`${whole(many)} tailnets`, { records, tailnets: many, destinations: 1 }, cpuSeconds)
  }
})

/** From a hundred thousand records to so many. */
export const kafkaBacklogs = Effect.fn("kafkaBacklogs")(function*(most: number) {
  yield* title(`Backlogs: up to ${whole(most)} flow records of 600 bytes`)
  const { cpuSeconds } = yield* startUp
  for (const records of [100_000, most]) {
    yield* measured(`${whole(records)} records`, { records, tailnets: 1, destinations: 1 }, cpuSeconds)
  }
})

/**
 * Two delivery workers, each pinned to a core, against one that is pinned. Broker and S3 server run on the same two
 * cores: one worker leaves them the other core, two workers share theirs with them. So the wall clock alone says less
 * than what the workers cost: what two of them need for the same records, each with a core of its own, follows from it.
 */
import { Effect } from "effect"
import { line, seconds, target, times, title, whole } from "../Report.ts"
import { deliver, type Delivered } from "./Delivered.ts"
import { plainBacklog } from "./KafkaBacklog.ts"
import { reportStored, startUp } from "./KafkaDelivery.ts"

const wanted = 1.6

const cpuOf = ({ workers }: Delivered) => workers.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)
/** The one that has more to do says when all is done. */
const longestOf = ({ workers }: Delivered) => Math.max(...workers.map(({ cpuSeconds }) => cpuSeconds))

const report = Effect.fnUntraced(function*(name: string, records: number, delivered: Delivered) {
  const { brokerSeconds, bucketSeconds, busySeconds } = delivered
  yield* line(`${name}: CPU`, seconds(cpuOf(delivered)), `the busiest ${seconds(longestOf(delivered))}`)
  yield* line("at work", seconds(busySeconds), `${whole(records / busySeconds)} records a second`)
  yield* line("broker and S3 server", seconds(brokerSeconds), seconds(bucketSeconds))
  yield* reportStored({ ...delivered, records })
})

export const kafkaScaling = Effect.fn("kafkaScaling")(function*(records: number) {
  yield* title(`Scaling: ${whole(records)} flow records of 600 bytes, one pinned worker and two`)
  const idle = yield* startUp
  const backlog = plainBacklog(records)
  const one = yield* deliver({ backlog, cores: [0] })
  yield* report("one worker", records, one)
  const two = yield* deliver({ backlog, cores: [0, 1] })
  yield* report("two workers", records, two)
  const ratio = (longestOf(one) - idle.cpuSeconds) / (longestOf(two) - idle.cpuSeconds)
  yield* target({
    name: "CPU of the busiest, without start",
    value: times(ratio),
    isMet: ratio >= wanted,
    wanted: `one worker's at least ${wanted} times that of two`
  })
  yield* line("wall at work, one against two", times(one.busySeconds / two.busySeconds))
})

/** Kafka → objects of zstd level 3, by one delivery worker: the figure that the peers are measured against. */
import { Effect } from "effect"
import path from "node:path"
import { temporaryFolder } from "../Folders.ts"
import { figuresOf } from "../ProcessFigures.ts"
import { line, megabytes, memory, seconds, speed, target, times, title, whole } from "../Report.ts"
import { compression } from "../Yardsticks.ts"
import { consuming } from "./Consuming.ts"
import { deliver, type Delivered } from "./Delivered.ts"
import { lanes, startKafkaApp } from "./KafkaApp.ts"
import { plainBacklog, startWithBacklog } from "./KafkaBacklog.ts"

const wantedRecords = 180_000
const wantedWall = 1.3
/** Of the machine that the target was set for. */
const cores = 2

/** A worker that has nothing to deliver, up to the line that says it serves. */
export const startUp = Effect.gen(function*() {
  const { kafka } = yield* startWithBacklog(plainBacklog(0))
  const worker = yield* startKafkaApp({ app: "delivery", kafka, data: path.join(yield* temporaryFolder, "spool") })
  return yield* figuresOf(worker.program.pid)
}).pipe(Effect.scoped)

const consumed = Effect.fnUntraced(function*(records: number) {
  const { kafka } = yield* startWithBacklog(plainBacklog(records))
  return yield* consuming(kafka, records)
}, Effect.scoped)

/** What lies in the bucket, record by record against what was written. */
export const reportStored = ({ comparison, records, stored }: Delivered & { readonly records: number }) =>
  target({
    name: "records read back from the bucket",
    value: whole(stored.records),
    isMet: stored.records === records && comparison.missing === 0 && comparison.doubled === 0,
    wanted: `${whole(records)}, in ${stored.objects} objects of ${megabytes(stored.bytes)}; `
      + `missing ${whole(comparison.missing)}, doubled ${whole(comparison.doubled)}`
  })

/** All processes of it together could be this fast on the machine at best. */
const reportWall = ({ brokerSeconds, bucketSeconds, busySeconds, wallSeconds }: Delivered, cpuSeconds: number) => {
  const ratio = busySeconds / ((cpuSeconds + brokerSeconds + bucketSeconds) / cores)
  return Effect.andThen(
    line("wall time", seconds(wallSeconds), `${seconds(busySeconds)} of it at work`),
    target({
      name: "wall at work / (CPU of all / 2)",
      value: times(ratio),
      isMet: ratio <= wantedWall,
      wanted: `at most ${wantedWall}`
    })
  )
}

export const kafkaDelivery = Effect.fn("kafkaDelivery")(function*(records: number) {
  yield* title(`Kafka delivery: ${whole(records)} flow records of 600 bytes, ${lanes} lanes → zstd level 3 → S3`)
  const idle = yield* startUp
  const delivered = yield* deliver({ backlog: plainBacklog(records), cores: [undefined] })
  const consumer = yield* consumed(records)
  const zstd = yield* compression
  const { cpuSeconds, highestBytes } = delivered.workers[0] ?? idle
  const each = records / cpuSeconds
  yield* line("CPU of the worker, start included", seconds(cpuSeconds), `a start alone ${seconds(idle.cpuSeconds)}`)
  yield* line("CPU of the broker", seconds(delivered.brokerSeconds))
  yield* line("CPU of the S3 server", seconds(delivered.bucketSeconds), delivered.server)
  yield* speed(each, wantedRecords)
  yield* line("without the start", whole(records / (cpuSeconds - idle.cpuSeconds)))
  yield* memory(highestBytes)
  yield* reportWall(delivered, cpuSeconds)
  yield* line("zstd -3 alone, per CPU-second", whole(zstd), `ratio ${times(each / zstd)}`)
  yield* line("Java's consumer, per CPU-second", whole(consumer.perCpuSecond), `${whole(consumer.perSecond)} a second`)
  yield* reportStored({ ...delivered, records })
})

/** The same records by Bento and by us, one after the other in one run; the objects of both are compared. */
import { Clock, Effect } from "effect"
import path from "node:path"
import { startBucket } from "../Bucket.ts"
import { temporaryFolder } from "../Folders.ts"
import { figuresOf } from "../ProcessFigures.ts"
import { line, megabytes, seconds, target, times, title, whole } from "../Report.ts"
import { compression } from "../Yardsticks.ts"
import { watchActivity } from "./Activity.ts"
import { startBento } from "./Bento.ts"
import { deliver, type Delivered } from "./Delivered.ts"
import { compare, Fingerprints } from "./Fingerprints.ts"
import { reportStored } from "./KafkaDelivery.ts"
import { plainBacklog, startWithBacklog } from "./KafkaBacklog.ts"

type Bento = Effect.Success<ReturnType<typeof startBento>>

/** Everything is read and each batch of it has been put: nothing changes any more. */
const untilDone = Effect.fnUntraced(function*(bento: Bento, records: number) {
  let last = -1
  const isDone = Effect.gen(function*() {
    const sent = yield* bento.counted("output_sent")
    const done = sent === last && (yield* bento.counted("input_received")) >= records
    last = sent
    return done
  })
  yield* isDone.pipe(Effect.delay("2 seconds"), Effect.repeat({ until: (done) => done }), Effect.timeout("15 minutes"))
})

const byBento = Effect.fnUntraced(function*(records: number) {
  const folder = yield* temporaryFolder
  const { kafka, written } = yield* startWithBacklog(plainBacklog(records))
  const bucket = yield* startBucket(path.join(folder, "objects"))
  const [broker, store] = [yield* figuresOf(kafka.pid), yield* figuresOf(bucket.pid)]
  const begin = yield* Clock.currentTimeMillis
  const bento = yield* startBento(kafka, path.join(folder, "bento"))
  const busy = yield* watchActivity([kafka.pid, bucket.pid, bento.program.pid])
  yield* untilDone(bento, records)
  const figures = {
    wallSeconds: ((yield* Clock.currentTimeMillis) - begin) / 1_000,
    busySeconds: yield* busy.seconds,
    workers: [yield* figuresOf(bento.program.pid)],
    brokerSeconds: (yield* figuresOf(kafka.pid)).cpuSeconds - broker.cpuSeconds,
    bucketSeconds: (yield* figuresOf(bucket.pid)).cpuSeconds - store.cpuSeconds,
    server: bucket.server
  }
  yield* bento.program.stop
  const seen = new Fingerprints()
  const stored = yield* bucket.count((record) => seen.add(record))
  const delivered: Delivered = { ...figures, stored, comparison: compare(written, seen.sorted) }
  return delivered
}, Effect.scoped)

const report = Effect.fnUntraced(function*(name: string, records: number, delivered: Delivered) {
  const { brokerSeconds, bucketSeconds, busySeconds, workers: [worker] } = delivered
  const cpuSeconds = worker?.cpuSeconds ?? Infinity
  yield* line(`${name}: records per CPU-second`, whole(records / cpuSeconds), `CPU ${seconds(cpuSeconds)}`)
  yield* line("highest resident memory", megabytes(worker?.highestBytes ?? 0))
  yield* line("at work", seconds(busySeconds), `broker ${seconds(brokerSeconds)}, S3 server ${seconds(bucketSeconds)}`)
  yield* reportStored({ ...delivered, records })
  return records / cpuSeconds
})

export const peers = Effect.fn("peers")(function*(records: number) {
  yield* title(`Peers: ${whole(records)} flow records of 600 bytes, Kafka → zstd level 3 → S3, starts included`)
  const bento = yield* report("Bento 1.20", records, yield* byBento(records))
  const ours = yield* report("ours", records, yield* deliver({ backlog: plainBacklog(records), cores: [undefined] }))
  yield* target({
    name: "ours against Bento, CPU",
    value: times(ours / bento),
    isMet: ours > bento,
    wanted: "more records per CPU-second"
  })
  yield* line("zstd -3 alone, per CPU-second", whole(yield* compression))
})

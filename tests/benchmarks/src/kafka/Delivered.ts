/** One or more delivery workers empty a backlog on Kafka into a bucket; what they, the broker and the bucket cost. */
import { Clock, Effect } from "effect"
import path from "node:path"
import { metric } from "../App.ts"
import { startBucket, type Stored } from "../Bucket.ts"
import { temporaryFolder } from "../Folders.ts"
import { type Figures, figuresOf } from "../ProcessFigures.ts"
import { watchActivity } from "./Activity.ts"
import { compare, type Comparison, Fingerprints } from "./Fingerprints.ts"
import { type KafkaApp, startKafkaApp } from "./KafkaApp.ts"
import { type Backlog, startWithBacklog } from "./KafkaBacklog.ts"

export interface Workers {
  readonly backlog: Backlog
  /** The core that each worker is pinned to; undefined: it may use all. */
  readonly cores: ReadonlyArray<number | undefined>
}

export interface Delivered {
  /** Of each worker, its start included. */
  readonly workers: ReadonlyArray<Figures>
  readonly brokerSeconds: number
  readonly bucketSeconds: number
  readonly server: string
  /** From the start of the workers until all is delivered. */
  readonly wallSeconds: number
  /** Of it the time in which one of the processes worked. */
  readonly busySeconds: number
  readonly stored: Stored
  readonly comparison: Comparison
}

const recordsOf = (workers: ReadonlyArray<KafkaApp>) =>
  Effect.map(
    Effect.forEach(workers, (worker) => metric(worker, "tailrace_delivery_records_total")),
    (counts) => counts.reduce((sum, count) => sum + count, 0)
  )

/** What each destination is to have. */
const repeated = (sorted: Float64Array, times: number): Float64Array =>
  times === 1
    ? sorted
    : Float64Array.from({ length: sorted.length * times }, (_, n) => sorted[Math.floor(n / times)] ?? 0)

const cpuSince = (pid: number, before: Figures) =>
  Effect.map(figuresOf(pid), ({ cpuSeconds }) => cpuSeconds - before.cpuSeconds)

/** Everything is gone again when it returns. */
export const deliver = Effect.fn("deliver")(function*({ backlog, cores }: Workers) {
  const folder = yield* temporaryFolder
  const { kafka, written } = yield* startWithBacklog(backlog)
  const bucket = yield* startBucket(path.join(folder, "objects"))
  const [broker, store] = [yield* figuresOf(kafka.pid), yield* figuresOf(bucket.pid)]
  const begin = yield* Clock.currentTimeMillis
  const workers = yield* Effect.forEach(
    cores,
    (core, n) =>
      startKafkaApp({ app: "delivery", kafka, data: path.join(folder, `${n}`), ...core === undefined ? {} : { core } }),
    { concurrency: cores.length }
  )
  const busy = yield* watchActivity([kafka.pid, bucket.pid, ...workers.map(({ program }) => program.pid)])
  const untilServing = ((yield* Clock.currentTimeMillis) - begin) / 1_000
  yield* recordsOf(workers).pipe(
    Effect.delay("250 millis"),
    Effect.repeat({ until: (count) => count >= backlog.records * backlog.destinations }),
    Effect.timeout("15 minutes")
  )
  const figures = {
    wallSeconds: ((yield* Clock.currentTimeMillis) - begin) / 1_000,
    busySeconds: untilServing + (yield* busy.seconds),
    workers: yield* Effect.forEach(workers, ({ program }) => figuresOf(program.pid)),
    brokerSeconds: yield* cpuSince(kafka.pid, broker),
    bucketSeconds: yield* cpuSince(bucket.pid, store),
    server: bucket.server
  }
  for (const { program } of workers) yield* program.stop
  const seen = new Fingerprints()
  const stored = yield* bucket.count((record) => seen.add(record))
  const comparison = compare(repeated(written, backlog.destinations), seen.sorted)
  const delivered: Delivered = { ...figures, stored, comparison }
  return delivered
}, Effect.scoped)

/** Kafka → Splunk HEC, Elastic and Datadog, by one delivery worker, into a sink that takes everything. */
import { Clock, Effect } from "effect"
import path from "node:path"
import { metric } from "../App.ts"
import { temporaryFolder } from "../Folders.ts"
import { figuresOf } from "../ProcessFigures.ts"
import { line, megabytes, memory, seconds, speed, target, times, title, whole } from "../Report.ts"
import { type Protocol, startSink } from "../sink/Sink.ts"
import { compression, gzipping } from "../Yardsticks.ts"
import { compare, Fingerprints } from "./Fingerprints.ts"
import { startKafkaApp } from "./KafkaApp.ts"
import { type Backlog, startWithBacklog } from "./KafkaBacklog.ts"
import { startUp } from "./KafkaDelivery.ts"

interface Run {
  readonly protocol: Protocol
  readonly codec: "none" | "gzip"
  /** Records per CPU-second; undefined: a figure only. */
  readonly wanted: number | undefined
}

/** The targets: peers on the same data were measured with 77,000 (Bento) and 39,000 (Fluent Bit) with gzip. */
const runs: ReadonlyArray<Run> = [
  { protocol: "splunk", codec: "gzip", wanted: 100_000 },
  { protocol: "splunk", codec: "none", wanted: 150_000 },
  { protocol: "elastic", codec: "gzip", wanted: undefined },
  { protocol: "datadog", codec: "gzip", wanted: undefined }
]

/** What was received, held against what was written; its worker's cost. */
const receive = Effect.fnUntraced(function*(backlog: Backlog, protocol: Protocol) {
  const folder = yield* temporaryFolder
  const { kafka, written } = yield* startWithBacklog(backlog)
  const sink = yield* startSink(folder)
  const begin = yield* Clock.currentTimeMillis
  const worker = yield* startKafkaApp({ app: "delivery", kafka, data: path.join(folder, "spool") })
  yield* metric(worker, "tailrace_delivery_records_total").pipe(
    Effect.delay("250 millis"),
    Effect.repeat({ until: (count) => count >= backlog.records }),
    Effect.timeout("15 minutes")
  )
  const wallSeconds = ((yield* Clock.currentTimeMillis) - begin) / 1_000
  const figures = yield* figuresOf(worker.program.pid)
  yield* worker.program.stop
  const seen = new Fingerprints()
  const received = yield* sink.count(protocol, (record) => seen.add(record))
  const comparison = protocol === "splunk" ? compare(written, seen.sorted) : { missing: 0, doubled: 0 }
  return { ...figures, wallSeconds, received, comparison }
}, Effect.scoped)

const hour = 3_600_000

/** Datadog takes what is at most 18 hours old; two million records are three hours. */
const firstOf = Effect.fnUntraced(function*(protocol: Protocol) {
  const now = yield* Clock.currentTimeMillis
  return protocol === "datadog" ? { firstMillis: (Math.floor(now / hour) - 3) * hour } : {}
})

const measured = Effect.fnUntraced(function*({ codec, protocol, wanted }: Run, records: number, startSeconds: number) {
  const backlog = { records, tailnets: 1, destinations: 1, receiver: { protocol, codec }, ...yield* firstOf(protocol) }
  const { comparison, cpuSeconds, highestBytes, received, wallSeconds } = yield* receive(backlog, protocol)
  yield* line(`${protocol}, ${codec}`, `CPU ${seconds(cpuSeconds)}`, `wall ${seconds(wallSeconds)}`)
  yield* wanted === undefined
    ? line("records per CPU-second", whole(records / cpuSeconds))
    : speed(records / cpuSeconds, wanted)
  yield* line("without the start", whole(records / (cpuSeconds - startSeconds)))
  yield* memory(highestBytes)
  yield* target({
    name: "records received",
    value: whole(received.records),
    isMet: received.records === records && comparison.missing === 0 && comparison.doubled === 0,
    wanted: `${whole(records)}, in ${whole(received.requests)} requests of ${megabytes(received.bytes)}; `
      + `missing ${whole(comparison.missing)}, doubled ${whole(comparison.doubled)}`
  })
  return records / cpuSeconds
})

export const kafkaReceivers = Effect.fn("kafkaReceivers")(function*(records: number) {
  yield* title(`Receivers: ${whole(records)} flow records of 600 bytes, Kafka → HTTP`)
  const { cpuSeconds } = yield* startUp
  const each = yield* Effect.forEach(runs, (run) => measured(run, records, cpuSeconds))
  const gzip = yield* gzipping
  yield* line("gzip -1 alone, per CPU-second", whole(gzip), `ratio ${times((each[0] ?? 0) / gzip)}`)
  yield* line("zstd -3 alone, per CPU-second", whole(yield* compression))
})

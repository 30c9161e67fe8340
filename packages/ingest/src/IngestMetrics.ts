/** What ingest counts, in Prometheus' words. Counted when it is durable, not when it arrives. */
import type { LogType } from "@tailrace/domain"
import { Effect, Metric } from "effect"

const records = Metric.counter("tailrace_ingest_records_total", {
  description: "Records appended to the log",
  incremental: true
})
const bytes = Metric.counter("tailrace_ingest_bytes_total", {
  description: "Bytes of the records appended to the log",
  incremental: true
})
const requests = Metric.counter("tailrace_ingest_requests_total", {
  description: "Requests to the receivers, by the status that was answered",
  incremental: true
})

const recordsOf = {
  configuration: Metric.withAttributes(records, { log_type: "configuration" }),
  network: Metric.withAttributes(records, { log_type: "network" })
} as const satisfies Record<LogType, unknown>

export const countRecords = (logType: LogType, count: number, size: number): Effect.Effect<void> =>
  Effect.andThen(Metric.update(recordsOf[logType], count), Metric.update(bytes, size))

export const countRequest = (status: number): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(requests, { status: String(status) }), 1)

/** What delivery counts, by the conventions of Prometheus. */
import { Metric } from "effect"

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

export const deliveredRecords = counter(
  "tailrace_delivery_records_total",
  "Records delivered: in objects, or taken by receivers"
)
export const deliveredBytes = counter("tailrace_delivery_bytes_total", "Bytes of delivered bodies, compressed")
export const deliveredObjects = counter("tailrace_delivery_objects_total", "Objects delivered")
export const attempts = counter("tailrace_delivery_attempts_total", "Requests to destinations, by class of answer")
export const quarantinedRecords = counter("tailrace_delivery_quarantined_records_total", "Records quarantined")
export const filteredRecords = counter(
  "tailrace_delivery_filtered_records_total",
  "Records that destinations' own rules filtered"
)
export const requestsInFlight = Metric.gauge("tailrace_delivery_requests_in_flight", {
  description: "Requests to receivers that are under way"
})
export const gatheredBytes = Metric.gauge("tailrace_delivery_gathered_bytes", {
  description: "Memory held by records gathered for receivers"
})
export const windowBytes = Metric.gauge("tailrace_delivery_window_bytes", {
  description: "Memory held by open windows"
})
export const activeLegs = Metric.gauge("tailrace_delivery_active_legs", { description: "Legs with something to do" })
export const lag = Metric.gauge("tailrace_delivery_lag_records", {
  description: "Offsets between the end of a topic's lane and what its slowest leg has delivered"
})
export const servedLanes = Metric.gauge("tailrace_delivery_lanes", { description: "Lanes served by this process" })

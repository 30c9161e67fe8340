/** The bounds of one request to Datadog's logs intake (docs.datadoghq.com/api/latest/logs, "Send logs"). */
import { Duration } from "effect"
import type { ReceiverLimits } from "../Receiver.ts"

export const datadogLimits: ReceiverLimits = {
  // 5 MB uncompressed; Datadog's own agents and Vector stay below so that nothing is refused for a rounding.
  requestBytes: 4_250_000,
  requestRecords: 1_000,
  // A larger one is cut by the service and answered with 202.
  recordBytes: 1_000_000,
  inFlight: 8,
  // gzip and deflate are documented; zstd is what Datadog's agent and Vector send.
  codecs: ["none", "gzip", "zstd"]
}

/**
 * A log that is 18 hours old or older is answered with 202 and dropped (docs.datadoghq.com, "Log date remapper").
 * An hour less, for the way there and for clocks that differ.
 */
export const oldest = Duration.hours(17)

/** Nor are times more than two hours ahead taken. */
export const newest = Duration.hours(1)

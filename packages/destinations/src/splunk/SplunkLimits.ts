/** The bounds of Splunk's HTTP Event Collector. */
import type { ReceiverLimits } from "../Receiver.ts"

/**
 * Splunk's advice for one request, and what other senders hold to. Enterprise takes 800 MB (`limits.conf [http_input]
 * max_content_length`), Splunk Cloud was seen to refuse a body between 5 and 6 MB.
 */
export const splunkBodyBytes = 1_000_000

/** One record alone may be as long as any sender's body: OpenTelemetry's exporter goes up to here. */
const most = 2 * 1024 * 1024

export const splunkLimits: ReceiverLimits = {
  requestBytes: most,
  requestRecords: 5_000,
  recordBytes: most,
  inFlight: 8,
  // `deflate` and zstd are answered with 415.
  codecs: ["none", "gzip"]
}

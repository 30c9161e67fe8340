/** The bounds of Falcon LogScale's collector; none are documented, so Splunk's advice is held to. */
import type { ReceiverLimits } from "../Receiver.ts"

export const crowdstrikeBodyBytes = 1_000_000

const most = 2 * 1024 * 1024

export const crowdstrikeLimits: ReceiverLimits = {
  requestBytes: most,
  requestRecords: 5_000,
  recordBytes: most,
  inFlight: 4,
  codecs: ["none", "gzip"]
}

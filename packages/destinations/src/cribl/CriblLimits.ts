/** The bounds of Cribl's HTTP source (Cribl, "HTTP/S (Bulk API) Source"): 256 requests at once for each worker. */
import type { ReceiverLimits } from "../Receiver.ts"

export const criblBodyBytes = 1_000_000

const most = 2 * 1024 * 1024

export const criblLimits: ReceiverLimits = {
  requestBytes: most,
  requestRecords: 5_000,
  recordBytes: most,
  inFlight: 8,
  codecs: ["none", "gzip"]
}

/** The bounds of Panther's HTTP source (Panther, "HTTP Source"). */
import type { ReceiverLimits } from "../Receiver.ts"

/**
 * "Payloads may be at most 1 MB, headers included." An older page says 500 KB. Held to before compression, so that
 * neither what is meant by size nor how well records compress matters: with gzip a body is far below the older limit.
 */
const most = 900_000

export const pantherLimits: ReceiverLimits = {
  requestBytes: most,
  requestRecords: 5_000,
  recordBytes: most,
  inFlight: 4,
  codecs: ["none", "gzip", "zstd"]
}

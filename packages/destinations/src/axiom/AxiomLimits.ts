/** The bounds of one request to a dataset's ingest endpoint (axiom.co/docs/reference/limits). */
import type { ReceiverLimits } from "../Receiver.ts"

export const axiomLimits: ReceiverLimits = {
  // Not documented; what Axiom's own clients send at once.
  requestBytes: 5_000_000,
  requestRecords: 10_000,
  // A field may have 1 MB; a record of our log has no more as a whole. Axiom says so where one has.
  recordBytes: 1_200_000,
  inFlight: 4,
  codecs: ["none", "gzip"]
}

/** A failure has a time and some words; of more failures than fit here the events are sent in halves. */
export const answerBytes = 2 * 1024 * 1024

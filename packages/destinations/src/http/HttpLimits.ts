/** The bounds of one request to an endpoint of which nothing is known: what most servers and gateways take unasked. */
import type { ReceiverLimits } from "../Receiver.ts"

/** Where a request is full; nginx and many behind it take 1 MiB. */
export const goalBytes = 1_000_000

export const httpLimits: ReceiverLimits = {
  // A record of our log may have 1 MiB by itself.
  requestBytes: 1_060_000,
  requestRecords: 5_000,
  recordBytes: 1_059_000,
  inFlight: 4,
  codecs: ["none", "gzip", "zstd"]
}

/** Headers of the owner's own. */
export const ownHeaders = { count: 32, nameBytes: 128, valueBytes: 4_096 } as const

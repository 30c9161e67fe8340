/** The bounds of one `_bulk` request. */
import type { ReceiverLimits } from "../Receiver.ts"

export const elasticLimits: ReceiverLimits = {
  // Elastic advises 5 to 15 MB and takes 100 MB (`http.max_content_length`); a smaller request is soon answered.
  requestBytes: 5_000_000,
  requestRecords: 1_000,
  // No limit of its own but the request's; our log's is 1 MiB.
  recordBytes: 4_900_000,
  inFlight: 8,
  // Compressed requests: `http.compression` takes gzip.
  codecs: ["none", "gzip"]
}

/** Each item's status takes 30 bytes, an error up to some kilobytes: it repeats the beginning of a value. */
export const answerBytes = 4 * 1024 * 1024

/** What is asked of the answer: an item for each operation, in order, and no more of it than that. */
export const filterPath = "filter_path=errors,items.*.status,items.*.error"

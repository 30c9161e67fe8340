/** What one process takes at most. All are settings: provide another value to the routes' layer. */
import { maxValueBytes } from "@tailrace/log"
import { Context } from "effect"

export interface IngestLimits {
  /** Uncompressed (and compressed) size of a request's body. */
  readonly maxBodyBytes: number
  /** A record as it is appended, `logged` included. */
  readonly maxRecordBytes: number
  /** Bodies of all requests in flight, uncompressed. While it is appended, a request takes up to thrice its body. */
  readonly budgetBytes: number
  /** Records of one append; a longer request is several appends, in order. */
  readonly maxAppendBytes: number
  /** Refused credentials of one remote address in a minute that are answered in full; later ones get 429. */
  readonly maxRefusalsPerMinute: number
}

const mebibyte = 1_048_576

export const IngestLimits = Context.Reference<IngestLimits>("@tailrace/ingest/IngestLimits", {
  defaultValue: () => ({
    maxBodyBytes: 32 * mebibyte,
    maxRecordBytes: maxValueBytes,
    budgetBytes: 64 * mebibyte,
    maxAppendBytes: 4 * mebibyte,
    maxRefusalsPerMinute: 30
  })
})

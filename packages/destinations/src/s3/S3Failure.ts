/** What went wrong with one request, as plain data: the SDK's error shapes end here. Its meaning is `S3Answer`'s. */
import { Duration, Option, Schema } from "effect"

export interface S3Failure {
  /** HTTP status; null when no answer came. */
  readonly status: number | null
  /** The service's code (`NoSuchBucket`), or node's (`ECONNREFUSED`), or the error's name. */
  readonly code: string
  readonly message: string
  /** Node's system call, for example `connect` or `getaddrinfo`. */
  readonly syscall: string | null
  /** The header as it came. */
  readonly retryAfter: string | null
  /** Whether the whole request had been handed to the operating system; if not, nothing can have been stored. */
  readonly sent: boolean
}

/** No answer in time; the request may have arrived. */
export const timedOut = (after: Duration.Duration): S3Failure => ({
  status: null,
  code: "ETIMEDOUT",
  message: `no answer within ${Math.round(Duration.toSeconds(after))} s`,
  syscall: null,
  retryAfter: null,
  sent: true
})

const Loose = Schema.Struct({
  name: Schema.optional(Schema.String),
  message: Schema.optional(Schema.String),
  code: Schema.optional(Schema.String),
  syscall: Schema.optional(Schema.String),
  sent: Schema.optional(Schema.Boolean),
  $metadata: Schema.optional(Schema.Struct({ httpStatusCode: Schema.optional(Schema.Int) })),
  $response: Schema.optional(Schema.Struct({
    statusCode: Schema.optional(Schema.Int),
    headers: Schema.optional(Schema.Record(Schema.String, Schema.Unknown))
  }))
})

const unreadable: typeof Loose.Type = {}

/** Total: an error that cannot be read is one without any detail. */
export const toS3Failure = (error: unknown): S3Failure => {
  const read = Option.getOrElse(Schema.decodeUnknownOption(Loose)(error), () => unreadable)
  const status = read.$metadata?.httpStatusCode ?? read.$response?.statusCode ?? null
  const retryAfter = read.$response?.headers?.["retry-after"]
  return {
    status,
    code: read.code ?? read.name ?? "UnknownError",
    message: read.message ?? "",
    syscall: read.syscall ?? null,
    retryAfter: typeof retryAfter === "string" ? retryAfter : null,
    sent: read.sent ?? true
  }
}

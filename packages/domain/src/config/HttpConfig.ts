/** The part of a destination of type `http` (any HTTPS endpoint; our extension) that may be read. */
import { Schema } from "effect"

/** How records are put together: one a line, or one JSON array. */
export const HttpFormat = Schema.Literals(["ndjson", "json"])
export type HttpFormat = typeof HttpFormat.Type

/**
 * What the secret does. `none`: nothing. `bearer`: `Authorization: Bearer`. `basic`: with `user`. `hmac`: it signs time
 * and body (`X-Tailrace-Timestamp`, `X-Tailrace-Signature: v1=<HMAC-SHA256 of "<time>.<body>", hex>`).
 */
export const HttpScheme = Schema.Literals(["none", "bearer", "basic", "hmac"])
export type HttpScheme = typeof HttpScheme.Type

export const HttpConfig = Schema.TaggedStruct("http", {
  url: Schema.NonEmptyString,
  user: Schema.optionalKey(Schema.String),
  format: HttpFormat,
  scheme: HttpScheme,
  /** Further headers; they are shown, so nothing secret belongs here. */
  headers: Schema.Record(Schema.String, Schema.String)
})
export type HttpConfig = typeof HttpConfig.Type

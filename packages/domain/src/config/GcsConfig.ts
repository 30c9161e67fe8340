/** The part of a destination of type `gcs` (Google Cloud Storage, JSON API) that may be read. */
import { Schema } from "effect"

export const GcsConfig = Schema.TaggedStruct("gcs", {
  /** Empty for Google's own endpoint. */
  url: Schema.String,
  bucket: Schema.NonEmptyString,
  /** Put before each key verbatim: no slash is added. */
  keyPrefix: Schema.String,
  /** OAuth scopes to ask for; none: `devstorage.read_write`. */
  scopes: Schema.Array(Schema.String),
  /**
   * Credentials of the kind `external_account` (workload identity), JSON text as given: they hold no secret and are
   * shown. A service account's key is the destination's secret instead, and then this is absent.
   */
  workloadIdentity: Schema.optionalKey(Schema.String),
  user: Schema.optionalKey(Schema.String)
})
export type GcsConfig = typeof GcsConfig.Type

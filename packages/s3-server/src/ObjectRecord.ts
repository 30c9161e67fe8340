/** What the server keeps beside the bytes of an object. */
import { Schema } from "effect"

export const ObjectRecord = Schema.Struct({
  key: Schema.String,
  contentType: Schema.String,
  contentEncoding: Schema.NullOr(Schema.String),
  /** Without quotes. */
  etag: Schema.String,
  size: Schema.Int,
  metadata: Schema.Record(Schema.String, Schema.String)
})
export type ObjectRecord = typeof ObjectRecord.Type

export const ObjectRecordJson = Schema.fromJsonString(ObjectRecord)

/** Of a file that nobody uploaded, but that lies in the folder. */
export const foreignRecord = (key: string, size: number): ObjectRecord => ({
  key,
  contentType: "application/octet-stream",
  contentEncoding: null,
  etag: "00000000000000000000000000000000",
  size,
  metadata: {}
})

/** The part of a destination of type `s3` that may be read: everything but the secret access key. */
import { Effect, Schema } from "effect"

const orDefault = <S extends Schema.Top>(schema: S, value: S["Type"]) =>
  schema.pipe(Schema.withDecodingDefaultTypeKey(Effect.succeed(value)))

/** `auto`: virtual-host style for AWS, path style for an endpoint of its own. */
export const Addressing = Schema.Literals(["auto", "path", "virtual"])

export const S3Config = Schema.TaggedStruct("s3", {
  /** Endpoint of an S3-compatible service; empty for AWS. */
  url: Schema.String,
  bucket: Schema.NonEmptyString,
  /** Empty: `us-east-1` is signed. */
  region: Schema.String,
  /** Put before each key verbatim: no slash is added. */
  keyPrefix: Schema.String,
  accessKeyId: Schema.NonEmptyString,
  /** Has no meaning for S3; official clients send it and expect it back. */
  user: Schema.optionalKey(Schema.String),
  addressing: orDefault(Addressing, "auto")
})
export type S3Config = typeof S3Config.Type

/** The part of a destination of type `s3` that may be read: everything but the secret access key. */
import { Schema } from "effect"
import { orDefault } from "./orDefault.ts"

/** `auto`: virtual-host style for AWS, path style for an endpoint of its own. */
export const Addressing = Schema.Literals(["auto", "path", "virtual"])

/** An IAM role that Tailrace assumes with this external id, and only with it (reference: Tailscale's AWS role flow). */
export const S3Role = Schema.Struct({
  arn: Schema.NonEmptyString,
  externalId: Schema.NonEmptyString
})
export type S3Role = typeof S3Role.Type

/** Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const roleArn = /^arn:aws[a-z-]{0,20}:iam::(\d{12}):role\/[\x21-\x7e]{1,576}$/

/**
 * The AWS account of a role, by its ARN; undefined: it is not the ARN of a role.
 *
 * @example
 * ```ts
 * awsAccountOf("arn:aws:iam::123456789012:role/logs/writer") // => "123456789012"
 * awsAccountOf("arn:aws:iam::123456789012:user/somebody") // => undefined
 * ```
 */
export const awsAccountOf = (arn: string): string | undefined => roleArn.exec(arn)?.[1]

export const S3Config = Schema.TaggedStruct("s3", {
  /** Endpoint of an S3-compatible service; empty for AWS. */
  url: Schema.String,
  bucket: Schema.NonEmptyString,
  /** Empty: `us-east-1` is signed. */
  region: Schema.String,
  /** Put before each key verbatim: no slash is added. */
  keyPrefix: Schema.String,
  /** Empty where a role is assumed. */
  accessKeyId: Schema.String,
  /** Absent: an access key is used. With a role there is no secret. */
  role: Schema.optionalKey(S3Role),
  /** Has no meaning for S3; official clients send it and expect it back. */
  user: Schema.optionalKey(Schema.String),
  addressing: orDefault(Addressing, "auto")
})
export type S3Config = typeof S3Config.Type

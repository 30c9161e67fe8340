/** The errors of the S3 protocol that this server answers: code, HTTP status and words, in one table. */
import { Schema } from "effect"

const table = {
  AccessDenied: [403, "Access Denied"],
  AuthorizationHeaderMalformed: [400, "The authorization header is malformed."],
  AuthorizationQueryParametersError: [400, "The query parameters of the signature are malformed."],
  BadDigest: [400, "The Content-MD5 you specified did not match what we received."],
  BucketAlreadyOwnedByYou: [409, "Your previous request to create the named bucket succeeded and you already own it."],
  BucketNotEmpty: [409, "The bucket you tried to delete is not empty."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed size."],
  ExpiredRequest: [403, "Request has expired"],
  ExpiredToken: [400, "The provided token has expired."],
  IncompleteBody: [400, "You did not provide the number of bytes specified by the Content-Length HTTP header."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [403, "The AWS Access Key Id you provided does not exist in our records."],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidToken: [400, "The provided token is malformed or otherwise invalid."],
  KeyTooLongError: [400, "Your key is too long"],
  MethodNotAllowed: [405, "The specified method is not allowed against this resource."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist"],
  NoSuchKey: [404, "The specified key does not exist."],
  NotImplemented: [501, "A header or query you provided implies functionality that is not implemented."],
  ObjectIsFolder: [409, "This server keeps objects as files: a part of the key is an object, or the key is a folder."],
  PreconditionFailed: [412, "At least one of the pre-conditions you specified did not hold"],
  RequestTimeTooSkewed: [403, "The difference between the request time and the current time is too large."],
  SignatureDoesNotMatch: [403, "The request signature we calculated does not match the signature you provided."],
  XAmzContentSHA256Mismatch: [400, "The provided 'x-amz-content-sha256' header does not match what was computed."]
} as const

export type S3Code = keyof typeof table

const isCode = (text: string): text is S3Code => Object.hasOwn(table, text)

export class S3Error extends Schema.TaggedError<S3Error>()("S3Error", {
  code: Schema.String,
  detail: Schema.NullOr(Schema.String)
}) {
  get status(): number {
    return isCode(this.code) ? table[this.code][0] : 500
  }
  override get message(): string {
    const text = isCode(this.code) ? table[this.code][1] : this.code
    return this.detail === null ? text : `${text} (${this.detail})`
  }
}

export const s3Error = (code: S3Code, detail: string | null = null): S3Error => new S3Error({ code, detail })

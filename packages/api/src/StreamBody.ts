/**
 * `LogstreamEndpointConfiguration` of Tailscale's API: what `PUT …/stream` takes and `GET …/stream` answers, with the
 * fields of our own endpoints. What belongs together (a bucket needs a key) is checked by the handlers.
 */
import { Addressing, Codec, EmptyWindows, KeyLayout, LogType } from "@tailrace/domain"
import { Schema } from "effect"
import { field, optional, required, secret, text, whole, word } from "./Field.ts"

/** Types of destinations that may be configured now. */
export const DestinationType = Schema.Literals(["s3"])

const destinationType = field(DestinationType, "must be \"s3\": other types are not supported yet")

/** Fields for other types of destinations, which official clients send along; they have no effect here. */
const ofOtherTypes = {
  logType: optional(field(LogType, "must be configuration or network")),
  token: optional(secret()),
  s3RoleArn: optional(text()),
  s3ExternalId: optional(text()),
  gcsBucket: optional(text()),
  gcsKeyPrefix: optional(text()),
  gcsScopes: optional(field(Schema.Array(Schema.String), "must be a list of texts")),
  gcsCredentials: optional(secret())
}

const fields = {
  destinationType: required(destinationType),
  url: optional(text()),
  user: optional(text()),
  uploadPeriodMinutes: optional(whole(0, 1440, "must be a whole number from 1 to 1440 (0 or absent: 1 minute)")),
  compressionFormat: optional(word("none", "zstd", "gzip")),
  s3Bucket: optional(text()),
  s3Region: optional(text()),
  s3KeyPrefix: optional(text()),
  s3AuthenticationType: optional(word("accesskey", "rolearn")),
  s3AccessKeyId: optional(text()),
  s3SecretAccessKey: optional(secret()),
  ...ofOtherTypes
}

const example = {
  destinationType: "s3" as const,
  url: "https://s3.example.com",
  uploadPeriodMinutes: 5,
  compressionFormat: "zstd" as const,
  s3Bucket: "tailnet-logs",
  s3KeyPrefix: "audit-logs/",
  s3AuthenticationType: "accesskey" as const,
  s3AccessKeyId: "my-access-key-id"
}

/** Body of `PUT …/stream`. Without `s3SecretAccessKey` an existing destination keeps its secret. */
export const StreamBody = Schema.Struct(fields).annotate({ identifier: "StreamBody", examples: [example] })
export type StreamBody = typeof StreamBody.Type

const ours = {
  uploadPeriodSeconds: optional(whole(5, 86_400)),
  keyLayout: optional(word("documented", "live")),
  emptyWindows: optional(word("none", "zero-byte", "manifest")),
  addressing: optional(word("auto", "path", "virtual"))
}

const name = optional(text(100))

/** Body of `PUT …/destinations/{id}`. */
export const DestinationBody = Schema.Struct({ ...fields, ...ours, name }).annotate({ identifier: "DestinationBody" })
export type DestinationBody = typeof DestinationBody.Type

/** Body of `POST …/destinations`. `startAt`: an RFC 3339 time, `now` (default) or `earliest`. */
export const NewDestinationBody = Schema.Struct({ ...fields, ...ours, name, startAt: optional(text()) }).annotate({
  identifier: "NewDestinationBody",
  examples: [{ ...example, name: "archive", startAt: "earliest", uploadPeriodSeconds: 30, uploadPeriodMinutes: 0 }]
})
export type NewDestinationBody = typeof NewDestinationBody.Type

const answer = {
  logType: LogType,
  destinationType: DestinationType,
  url: Schema.String,
  user: Schema.String,
  uploadPeriodMinutes: Schema.Int,
  compressionFormat: Codec,
  s3Bucket: Schema.String,
  s3Region: Schema.String,
  s3KeyPrefix: Schema.String,
  s3AuthenticationType: Schema.Literal("accesskey"),
  s3AccessKeyId: Schema.String
}

/** Answer of `GET …/stream`: the fields as given, secrets left out. */
export const StreamAnswer = Schema.Struct(answer).annotate({ identifier: "Stream" })
export type StreamAnswer = typeof StreamAnswer.Type

/** Answer of our own endpoints. Times are RFC 3339. */
export const DestinationAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  slot: Schema.NullOr(Schema.Literal("stream")).annotate({
    description: "`stream`: the one that Tailscale's own `/stream` calls address."
  }),
  ...answer,
  uploadPeriodSeconds: Schema.Int,
  keyLayout: KeyLayout,
  emptyWindows: EmptyWindows,
  addressing: Addressing,
  paused: Schema.Boolean,
  version: Schema.Int,
  created: Schema.String,
  updated: Schema.String,
  updatedBy: Schema.String
}).annotate({ identifier: "Destination" })
export type DestinationAnswer = typeof DestinationAnswer.Type

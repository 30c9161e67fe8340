/**
 * `LogstreamEndpointConfiguration` of Tailscale's API: what `PUT …/stream` takes and `GET …/stream` answers, with the
 * fields of our own endpoints. Which fields a type uses is `DestinationFields`; what belongs together (a bucket needs a
 * key) is checked by the handlers.
 */
import { Rules } from "@tailrace/domain"
import { Schema } from "effect"
import { field, optional, required, said, text } from "./Field.ts"
import { fieldsOfOurs, fieldsOfTailscale } from "./StreamFields.ts"

/** Types that Tailscale's own calls know. */
export const StreamType = Schema.Literals([
  "s3",
  "gcs",
  "splunk",
  "elastic",
  "panther",
  "cribl",
  "datadog",
  "axiom",
  "crowdstrike"
])

/** Every type. `azure` and `http` are ours: they exist on our own endpoints only. */
export const DestinationType = Schema.Literals([...StreamType.literals, "azure", "http"])

const typeField = <const Words extends ReadonlyArray<string>>(words: Words, more = "") =>
  said("Type of the destination.", field(Schema.Literals(words), `must be one of ${words.join(", ")}${more}`))

const streamType = typeField(
  StreamType.literals,
  "; other types are put to /tailnet/{tailnet}/logging/{logType}/destinations"
)

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

const splunkExample = {
  destinationType: "splunk" as const,
  url: "https://http-inputs-example.splunkcloud.com/services/collector/event",
  compressionFormat: "gzip" as const
}

/**
 * Body of `PUT …/stream`. Without a secret an existing destination of the type keeps its own, as long as the host is
 * the same. Fields of other types are taken and have no effect: official clients send every field that they know.
 */
export const StreamBody = Schema.Struct({ destinationType: required(streamType), ...fieldsOfTailscale }).annotate({
  identifier: "StreamBody",
  examples: [example, splunkExample]
})
export type StreamBody = typeof StreamBody.Type

const fields = {
  destinationType: required(typeField(DestinationType.literals)),
  ...fieldsOfTailscale,
  ...fieldsOfOurs,
  rules: optional(said(
    "Which records this destination gets, and what of them. Absent: as before; `{}`: all, as they are.",
    { schema: Rules, message: "must be an object with only, except or redact" }
  )),
  name: optional(said("A name for people; it cannot be changed later.", text(100)))
}

/** Body of `PUT …/destinations/{id}`. */
export const DestinationBody = Schema.Struct(fields).annotate({ identifier: "DestinationBody" })
export type DestinationBody = typeof DestinationBody.Type

const startAt = said("Where it begins: an RFC 3339 time, `now` (default) or `earliest`.", text())

/** Body of `POST …/destinations`. */
export const NewDestinationBody = Schema.Struct({ ...fields, startAt: optional(startAt) }).annotate({
  identifier: "NewDestinationBody",
  examples: [
    { ...example, name: "archive", startAt: "earliest", uploadPeriodSeconds: 30, uploadPeriodMinutes: 0 },
    { ...splunkExample, name: "soc", authScheme: "splunk" as const }
  ]
})
export type NewDestinationBody = typeof NewDestinationBody.Type

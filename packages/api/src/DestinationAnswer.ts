/** A destination as it is read: the fields of its type as they were given, and never a secret. Answers only. */
import { Addressing, AzureAuth, Codec, EmptyWindows, HttpFormat, KeyLayout, LogType, Rules } from "@tailrace/domain"
import { Schema } from "effect"
import { DestinationType } from "./StreamBody.ts"
import { authSchemes } from "./StreamFields.ts"

const shown = Schema.optionalKey(Schema.String)

/** Fields of some types; those of other types are absent. */
const ofTypes = {
  s3Bucket: shown,
  s3Region: shown,
  s3KeyPrefix: shown,
  s3AuthenticationType: Schema.optionalKey(Schema.Literals(["accesskey", "rolearn"])),
  s3AccessKeyId: shown,
  s3RoleArn: shown,
  s3ExternalId: shown,
  gcsBucket: shown,
  gcsKeyPrefix: shown,
  gcsScopes: Schema.optionalKey(Schema.Array(Schema.String)),
  gcsCredentials: shown.annotate({ description: "Only `external_account` credentials, which hold no secret." })
}

const answer = {
  logType: LogType,
  destinationType: DestinationType,
  url: Schema.String,
  user: Schema.String,
  uploadPeriodMinutes: Schema.Int,
  compressionFormat: Codec,
  ...ofTypes
}

/** Answer of `GET …/stream`: the fields as given, secrets left out. */
export const StreamAnswer = Schema.Struct(answer).annotate({ identifier: "Stream" })
export type StreamAnswer = typeof StreamAnswer.Type

/** Ours, of some types. */
const oursOfTypes = {
  uploadPeriodSeconds: Schema.optionalKey(Schema.Int),
  keyLayout: Schema.optionalKey(KeyLayout),
  emptyWindows: Schema.optionalKey(EmptyWindows),
  addressing: Schema.optionalKey(Addressing),
  authScheme: Schema.optionalKey(Schema.Literals(authSchemes)),
  acknowledge: Schema.optionalKey(Schema.Literals(["auto", "never"])),
  azureAccount: shown,
  azureContainer: shown,
  azureKeyPrefix: shown,
  azureAuthenticationType: Schema.optionalKey(AzureAuth),
  httpFormat: Schema.optionalKey(HttpFormat),
  httpHeaders: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  rules: Schema.optionalKey(Rules)
}

/** What only some types show: the fields of the one, and of none but it. */
export const TypeAnswer = Schema.Struct({ ...ofTypes, ...oursOfTypes })
export type TypeAnswer = typeof TypeAnswer.Type

/** Answer of our own endpoints. Times are RFC 3339. */
export const DestinationAnswer = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  slot: Schema.NullOr(Schema.Literal("stream")).annotate({
    description: "`stream`: the one that Tailscale's own `/stream` calls address."
  }),
  ...answer,
  ...oursOfTypes,
  paused: Schema.Boolean,
  version: Schema.Int,
  created: Schema.String,
  updated: Schema.String,
  updatedBy: Schema.String
}).annotate({ identifier: "Destination" })
export type DestinationAnswer = typeof DestinationAnswer.Type

/** The part of a destination of type `elastic` that may be read; password or API key is the secret. */
import { Schema } from "effect"
import { orDefault } from "./orDefault.ts"

/** `auto`: `basic` where a user is given, else `apikey` (`ApiKey base64(id:key)`, taken as typed). */
export const ElasticScheme = Schema.Literals(["auto", "basic", "apikey"])
export type ElasticScheme = typeof ElasticScheme.Type

export const ElasticConfig = Schema.TaggedStruct("elastic", {
  /** Ends in `/<data stream>/_bulk`. */
  url: Schema.NonEmptyString,
  user: Schema.optionalKey(Schema.String),
  scheme: orDefault(ElasticScheme, "auto")
})
export type ElasticConfig = typeof ElasticConfig.Type

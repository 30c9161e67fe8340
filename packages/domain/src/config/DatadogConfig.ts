/** The part of a destination of type `datadog` that may be read; the API key is the secret. */
import { Schema } from "effect"

export const DatadogConfig = Schema.TaggedStruct("datadog", {
  /** The site's logs intake, for example `https://http-intake.logs.us5.datadoghq.com/api/v2/logs`. */
  url: Schema.NonEmptyString,
  user: Schema.optionalKey(Schema.String)
})
export type DatadogConfig = typeof DatadogConfig.Type

/** The part of a destination of type `axiom` that may be read; the API token is the secret. */
import { Schema } from "effect"

export const AxiomConfig = Schema.TaggedStruct("axiom", {
  /** The dataset's ingest endpoint, for example `https://api.axiom.co/v1/datasets/tailnet/ingest`. */
  url: Schema.NonEmptyString,
  user: Schema.optionalKey(Schema.String)
})
export type AxiomConfig = typeof AxiomConfig.Type

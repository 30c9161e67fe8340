/** What the destinations that take Splunk's HTTP Event Collector envelope have in common; the token is the secret. */
import { Schema } from "effect"
import { orDefault } from "./orDefault.ts"

/**
 * How the token goes into `Authorization`. `splunk`: `Splunk <token>`. `basic`: user and token. `bearer`: `Bearer
 * <token>`. `verbatim`: the token as typed. `auto`: the type's usual one; for Splunk `basic` where a user is given and
 * else `splunk`, and where that is answered with 401, the other one.
 */
export const HecScheme = Schema.Literals(["auto", "splunk", "basic", "bearer", "verbatim"])
export type HecScheme = typeof HecScheme.Type

/** `auto`: wait for the indexer's acknowledgement where the token asks for it, as the probe finds. */
export const HecAcknowledge = Schema.Literals(["auto", "never"])
export type HecAcknowledge = typeof HecAcknowledge.Type

const fields = {
  /** Used as given, path and query included. */
  url: Schema.NonEmptyString,
  user: Schema.optionalKey(Schema.String),
  scheme: orDefault(HecScheme, "auto"),
  acknowledge: orDefault(HecAcknowledge, "auto")
}

export const SplunkConfig = Schema.TaggedStruct("splunk", fields)
export type SplunkConfig = typeof SplunkConfig.Type
export const PantherConfig = Schema.TaggedStruct("panther", fields)
export type PantherConfig = typeof PantherConfig.Type
export const CriblConfig = Schema.TaggedStruct("cribl", fields)
export type CriblConfig = typeof CriblConfig.Type
export const CrowdstrikeConfig = Schema.TaggedStruct("crowdstrike", fields)
export type CrowdstrikeConfig = typeof CrowdstrikeConfig.Type

export type HecConfig = SplunkConfig | PantherConfig | CriblConfig | CrowdstrikeConfig

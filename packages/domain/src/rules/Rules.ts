/**
 * Which records a destination gets, and what of them: data, kept with the configuration version. Our extension.
 * Deciding on a record is `RecordRules`.
 */
import { Schema } from "effect"

/** Kinds of connections that a flow record can hold (`virtualTraffic` …). */
export const TrafficClass = Schema.Literals(["virtual", "subnet", "exit", "physical"])
export type TrafficClass = typeof TrafficClass.Type

const words = Schema.optionalKey(Schema.NonEmptyArray(Schema.NonEmptyString).check(Schema.isMaxLength(100)))

/** Holds for a record if each member that is given matches; within a member any of the words may. */
export const RecordMatch = Schema.Struct({
  /** Audit: names as in the API's `event` filter, for example `TAILNET.UPDATE.LOGSTREAM_ENDPOINT`; `*` at an end. */
  events: words,
  /** Audit: an actor's id or login name, or `~text` to search in login and display name. */
  actors: words,
  /** Flow: a node's id, or `~text` to search in names and addresses of either end. */
  nodes: words,
  /** Flow: it holds connections of such a class. */
  traffic: Schema.optionalKey(Schema.NonEmptyArray(TrafficClass))
})
export type RecordMatch = typeof RecordMatch.Type

/** `mask`: becomes `"***"`. `hash`: a keyed hash, the same value always the same. `drop`: the member is left out. */
export const RedactionKind = Schema.Literals(["mask", "hash", "drop"])
export type RedactionKind = typeof RedactionKind.Type

export const Redaction = Schema.Struct({
  /** Members' names from the outside in, for example `actor.loginName`; elements of arrays are all meant. */
  field: Schema.NonEmptyString.check(Schema.isPattern(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,7}$/)),
  how: RedactionKind
})
export type Redaction = typeof Redaction.Type

const conditions = Schema.optionalKey(Schema.NonEmptyArray(RecordMatch).check(Schema.isMaxLength(50)))

export const Rules = Schema.Struct({
  /** Only records for which one of these holds. */
  only: conditions,
  /** Not those for which one of these holds. */
  except: conditions,
  redact: Schema.optionalKey(Schema.NonEmptyArray(Redaction).check(Schema.isMaxLength(50)))
})
export type Rules = typeof Rules.Type

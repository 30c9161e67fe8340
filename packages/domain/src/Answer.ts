/**
 * What a destination's answer means to a leg: the closed set of DESIGN "What an answer means". Classifying is the
 * destination's work, acting on the class is the leg's; no destination retries by itself.
 */
import { Schema } from "effect"

/** What a probe found a destination able to do. Members that mean nothing to its type are absent. */
export const Capabilities = Schema.Struct({
  /** Stores: `If-None-Match: *` (or its like) is obeyed. Decides how keys are made and which guarantee is shown. */
  conditionalPut: Schema.optionalKey(Schema.Boolean),
  /** Stores: `HEAD` on an object is allowed and shows our metadata. */
  inspect: Schema.optionalKey(Schema.Boolean),
  /** Receivers: the token asks for the indexer's acknowledgement (Splunk HEC). */
  acknowledges: Schema.optionalKey(Schema.Boolean),
  /** Receivers: the authorization scheme that worked, where it was to be found out. */
  scheme: Schema.optionalKey(Schema.String)
})
export type Capabilities = typeof Capabilities.Type

const failures = {
  /** `maybeStored`: no answer, or one that leaves open whether anything was stored. */
  Transient: {
    message: Schema.String,
    status: Schema.NullOr(Schema.Int),
    retryAfterMillis: Schema.NullOr(Schema.Int),
    maybeStored: Schema.Boolean
  },
  /** 401, 403, 404, TLS, name not found …: suspend, lose nothing, probe. Nothing was stored. */
  Misconfigured: { message: Schema.String, status: Schema.NullOr(Schema.Int) }
}

/** Of a store. */
export const Answer = Schema.TaggedUnion({
  Delivered: {},
  /** 412: the key is taken; by whom, `HEAD` tells. */
  Taken: {},
  ...failures
})
export type Answer = typeof Answer.Type

/** What `HEAD` on a key says. `seal` is the seal id in the object's metadata, null on an object of somebody else. */
export const Inspection = Schema.TaggedUnion({
  Found: { seal: Schema.NullOr(Schema.String) },
  Missing: {},
  Forbidden: { message: Schema.String },
  Failed: { message: Schema.String, status: Schema.NullOr(Schema.Int), retryAfterMillis: Schema.NullOr(Schema.Int) }
})
export type Inspection = typeof Inspection.Type

/** A record that the destination will never take, by its index in the request, with the destination's own words. */
export const RefusedItem = Schema.Struct({ index: Schema.Int, reason: Schema.String })
export type RefusedItem = typeof RefusedItem.Type

/** Of a receiver, to one request. Indexes count the records that were in the request, from 0. */
export const ReceiverAnswer = Schema.TaggedUnion({
  /** All of it is taken. `slower`: it asks for less at once (HEC codes 24 and 25). */
  Accepted: { slower: Schema.Boolean },
  /**
   * Each index that is in neither list is taken; both lists rise. `again`: not taken, to be sent again: at once, or
   * after the pause that `failure` asks for.
   */
  Partly: {
    refused: Schema.Array(RefusedItem),
    again: Schema.Array(Schema.Int),
    failure: Schema.NullOr(Schema.Struct(failures.Transient))
  },
  /** Nothing is taken; half of it may be. A single record is refused with these words. */
  TooLarge: { message: Schema.String, status: Schema.NullOr(Schema.Int) },
  ...failures
})
export type ReceiverAnswer = typeof ReceiverAnswer.Type

/** What a probe of a receiver says; `message`: the destination's answer, for a person. */
export const ReceiverProbe = Schema.TaggedUnion({
  Usable: { capabilities: Capabilities, message: Schema.String },
  ...failures
})
export type ReceiverProbe = typeof ReceiverProbe.Type

/**
 * What a destination's answer means to a leg: the closed set of DESIGN "What an answer means". Classifying is the
 * destination's work, acting on the class is the leg's; no destination retries by itself.
 */
import { Schema } from "effect"

/** Capabilities that a probe found; they decide how keys are made and which guarantee is shown. */
export const Capabilities = Schema.Struct({
  /** `If-None-Match: *` is obeyed. */
  conditionalPut: Schema.Boolean,
  /** `HEAD` on an object is allowed and shows our metadata. */
  inspect: Schema.Boolean
})
export type Capabilities = typeof Capabilities.Type

/** `maybeStored` on `Transient`: no answer, or one that leaves open whether the object was stored. */
export const Answer = Schema.TaggedUnion({
  Delivered: {},
  /** 412: the key is taken; by whom, `HEAD` tells. */
  Taken: {},
  Transient: {
    message: Schema.String,
    status: Schema.NullOr(Schema.Int),
    retryAfterMillis: Schema.NullOr(Schema.Int),
    maybeStored: Schema.Boolean
  },
  /** 401, 403, 404, TLS, name not found …: suspend, lose nothing, probe. Nothing was stored. */
  Misconfigured: { message: Schema.String, status: Schema.NullOr(Schema.Int) }
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

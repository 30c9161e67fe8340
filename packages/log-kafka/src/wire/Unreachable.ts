/** A call that brought no answer: whether the broker has carried it out is unknown. */
import { Schema } from "effect"

export class Unreachable extends Schema.TaggedError<Unreachable>()("Unreachable", {
  /** `host:port`, and what happened to the call; no secrets. */
  reason: Schema.String,
  /** The broker refuses this client (SASL, TLS): trying again does not help unless the settings change. */
  isRefusal: Schema.Boolean
}) {
  override get message(): string {
    return this.reason
  }
}

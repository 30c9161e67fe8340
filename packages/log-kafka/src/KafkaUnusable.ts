/** Why the log on Kafka did not open; the message is the one line that a person gets to read. */
import { Schema } from "effect"

export class KafkaUnusable extends Schema.TaggedError<KafkaUnusable>()("KafkaUnusable", {
  /** `host:port` of the first broker that the settings name. */
  bootstrap: Schema.String,
  /** What is wrong and what mends it; no secrets. */
  reason: Schema.String
}) {
  override get message(): string {
    return `Kafka at ${this.bootstrap} cannot be used: ${this.reason}`
  }
}

/** Why the embedded log did not open, or ended; each message is the one line that a person gets to read. */
import { Schema } from "effect"

/** Another process, or another log of this one, has the data open. */
export class DataInUse extends Schema.TaggedError<DataInUse>()("DataInUse", { directory: Schema.String }) {
  override get message(): string {
    return `the data in ${this.directory} is in use by another process`
  }
}

/** Damaged, not writable, made with another number of lanes or by a newer release. */
export class DataUnusable extends Schema.TaggedError<DataUnusable>()("DataUnusable", {
  directory: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `the data in ${this.directory} cannot be used: ${this.reason}`
  }
}

/** The log's thread has ended while the process was running. Start the process again: nothing acknowledged is lost. */
export class LogEnded extends Schema.TaggedError<LogEnded>()("LogEnded", { reason: Schema.String }) {
  override get message(): string {
    return `the embedded log has ended: ${this.reason}`
  }
}

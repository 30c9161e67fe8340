/** The closed set of what a log can answer besides a result. Each says whether trying again can help. */
import { Schema } from "effect"

const where = { topic: Schema.String, lane: Schema.Int }

/** `follow` from before the lane's start: retention has overtaken the reader. */
export class RecordsExpired extends Schema.TaggedError<RecordsExpired>()("RecordsExpired", {
  ...where,
  from: Schema.Int,
  earliest: Schema.Int
}) {
  readonly isRetryable = false
  override get message(): string {
    return `records ${this.from} to ${this.earliest - 1} of ${this.topic}/${this.lane} are no longer retained`
  }
}

/** `follow` from after the lane's end: the topic was truncated or recreated. The lane stops. */
export class OffsetBeyondEnd extends Schema.TaggedError<OffsetBeyondEnd>()("OffsetBeyondEnd", {
  ...where,
  from: Schema.Int,
  next: Schema.Int
}) {
  readonly isRetryable = false
  override get message(): string {
    return `offset ${this.from} lies beyond the end (${this.next}) of ${this.topic}/${this.lane}: ` +
      "was the topic truncated or created anew?"
  }
}

/** What was read of the lane stands there no more, although the lane has grown beyond it again. The lane stops. */
export class LaneReplaced extends Schema.TaggedError<LaneReplaced>()("LaneReplaced", { ...where }) {
  readonly isRetryable = false
  override get message(): string {
    return `${this.topic}/${this.lane} does not hold what was read of it before: truncated, or created anew?`
  }
}

/** A record's value is larger than 1 MiB; nothing of the append was taken. */
export class RecordTooLarge extends Schema.TaggedError<RecordTooLarge>()("RecordTooLarge", {
  bytes: Schema.Int,
  maxBytes: Schema.Int
}) {
  readonly isRetryable = false
  override get message(): string {
    return `a record of ${this.bytes} bytes is over the limit of ${this.maxBytes}`
  }
}

/** No space left where the log lives; nothing of the append or commit was taken. */
export class LogFull extends Schema.TaggedError<LogFull>()("LogFull", { reason: Schema.String }) {
  readonly isRetryable = true
  override get message(): string {
    return `the log has no space left: ${this.reason}`
  }
}

/** The log cannot be reached or failed in a way it does not explain; the outcome of a write is unknown. */
export class LogUnavailable extends Schema.TaggedError<LogUnavailable>()("LogUnavailable", {
  reason: Schema.String
}) {
  readonly isRetryable = true
  override get message(): string {
    return `the log is unavailable: ${this.reason}`
  }
}

export type LogError = RecordsExpired | OffsetBeyondEnd | LaneReplaced | RecordTooLarge | LogFull | LogUnavailable

/** A later claim owns the lane: nothing was written; stop all work on it. */
export class Fenced extends Schema.TaggedError<Fenced>()("Fenced", { lane: Schema.Int }) {
  readonly isRetryable = false
  override get message(): string {
    return `lane ${this.lane} is owned by a later claim`
  }
}

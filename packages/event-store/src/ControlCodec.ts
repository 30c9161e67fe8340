/** How a control record lies in the topic `control`: one JSON object, its key the tailnet, on the tailnet's lane. */
import { ControlRecord } from "@tailrace/domain"
import type { Entry, Lane, LogRecord } from "@tailrace/log"
import { Result, Schema } from "effect"

/**
 * A record in `control` that this release cannot read, perhaps written by a later one. Going on without it would make
 * this process disagree with others about every later record, so the fold stops.
 */
export class UnknownControlRecord extends Schema.TaggedError<UnknownControlRecord>()("UnknownControlRecord", {
  lane: Schema.Int,
  offset: Schema.Int,
  reason: Schema.String
}) {
  readonly isRetryable = false
  override get message(): string {
    return `the record at offset ${this.offset} of control/${this.lane} is unknown to this release: ${this.reason}`
  }
}

const ControlRecordJson = Schema.fromJsonString(ControlRecord)
const decode = Schema.decodeUnknownResult(ControlRecordJson)
const encode = Schema.encodeSync(ControlRecordJson)
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const maxReasonLength = 300

export const encodeControlRecord = (record: ControlRecord): Entry => ({
  key: record.tailnet,
  value: encoder.encode(encode(record))
})

export const decodeControlRecord = (
  lane: Lane,
  { key, offset, value }: Pick<LogRecord, "key" | "offset" | "value">
): Result.Result<ControlRecord, UnknownControlRecord> => {
  const unknown = (reason: string) =>
    Result.fail(new UnknownControlRecord({ lane, offset, reason: reason.slice(0, maxReasonLength) }))
  if (value === null) return unknown("it has no value")
  const decoded = decode(decoder.decode(value))
  if (Result.isFailure(decoded)) return unknown(decoded.failure.message)
  const record = decoded.success
  return record.tailnet === key ? Result.succeed(record) : unknown("its key is not its tailnet")
}

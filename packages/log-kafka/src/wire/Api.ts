/**
 * One call of the Kafka protocol, in one fixed version that every broker from 2.3 to 4.x speaks. Each file of
 * `requests/` is one of these, and nothing else. Error codes are fields of the answer: who asked knows what they mean.
 */
import type { Reader } from "./Reader.ts"
import type { Writer } from "./Writer.ts"

export interface Api<Question, Answer> {
  /** As the protocol's guide names it: `Heartbeat`. */
  readonly name: string
  readonly key: number
  readonly version: number
  /** Header and body are of the "flexible" kind: the header ends in tagged fields. */
  readonly isFlexible?: boolean
  readonly write: (writer: Writer, question: Question) => void
  /** Reads all of the answer's body; the throttle time is a field of it. */
  readonly read: (reader: Reader) => Answer
}

/** What every answer that can be throttled has. */
export interface Throttled {
  /** The broker wants no request for so long; the link sees to that. */
  readonly throttleMillis: number
}

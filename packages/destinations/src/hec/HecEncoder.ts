/**
 * Records in the envelope of Splunk's HTTP Event Collector, as Tailscale sends them: `{"time":<seconds>,"event":{…},
 * "fields":{"recorded":"<logged>"}}`, one after another. `logged` has moved to `fields`, an audit record's `eventTime`
 * to `time`, its `type` is left out. Other keys are never sent: Splunk answers 200 to an envelope with a key that it
 * does not know, and drops what follows.
 */
import type { RefusedItem } from "@tailrace/domain"
import type { Receiver, ReceiverContext, ReceiverLimits } from "../Receiver.ts"
import { asBuffer, RecordReader } from "../record/RecordReader.ts"
import { secondsBytes, timestampBytes, writeSeconds, writeTimestamp } from "../record/TimeText.ts"

/** What differs between services that take it. */
export interface Envelope {
  /** Put before the time. */
  readonly opening: string
  /** `1780500776.773`, or `"2026-06-03T15:32:56.773Z"`. */
  readonly time: "seconds" | "timestamp"
  /** Put behind the envelope. */
  readonly closing: string
}

/** Splunk's own, with nothing between two of them. */
export const splunkEnvelope: Envelope = { opening: "{\"time\":", time: "seconds", closing: "" }

/** For services that want something between two of them. */
export const lineEnvelope: Envelope = { ...splunkEnvelope, closing: "\n" }

export interface EnvelopeOptions {
  readonly envelope: Envelope
  readonly topic: ReceiverContext["topic"]
  readonly limits: ReceiverLimits
  /** A body this long takes no further record; one record may be longer by itself. */
  readonly bodyBytes: number
}

const without = { audit: ["logged", "eventTime", "type"], flow: ["logged"] } as const

const put = (into: Uint8Array, at: number, piece: Uint8Array): number => {
  for (let index = 0; index < piece.length; index++) into[at + index] = piece[index] ?? 0
  return at + piece.length
}

const event = Buffer.from(",\"event\":{")
const recorded = Buffer.from("},\"fields\":{\"recorded\":")

class EnvelopeWriter {
  readonly reader: RecordReader
  readonly #opening: Buffer
  readonly #end: Buffer
  readonly #isSeconds: boolean

  constructor({ envelope: { closing, opening, time }, topic }: EnvelopeOptions) {
    this.reader = new RecordReader({ topic, without: without[topic] })
    this.#opening = Buffer.from(opening)
    this.#end = Buffer.from(`}}${closing}`)
    this.#isSeconds = time === "seconds"
  }

  /** Bytes that `write` writes of the record that was read. */
  bytes(millis: number): number {
    const { loggedFrom, loggedTo, membersBytes } = this.reader
    const time = this.#isSeconds ? secondsBytes(millis) : timestampBytes
    const fields = loggedFrom < 0 ? 0 : recorded.length + loggedTo - loggedFrom
    return this.#opening.length + time + event.length + membersBytes + fields + this.#end.length
  }

  write(into: Buffer, from: number, millis: number): number {
    const { reader } = this
    let at = put(into, from, this.#opening)
    at = this.#isSeconds ? writeSeconds(into, at, millis) : writeTimestamp(into, at, millis)
    at = reader.copyMembers(into, put(into, at, event))
    if (reader.loggedFrom >= 0) at = reader.copyLogged(into, put(into, at, recorded))
    return put(into, at, this.#end)
  }
}

const refusal = (bytes: number, limit: number): string | undefined =>
  bytes > limit ? `is ${bytes} bytes, and this service takes at most ${limit}` : undefined

/** Pure but for `into`; not for two fibers at once, which a synchronous function cannot meet. */
export const envelopeEncoder = (options: EnvelopeOptions): Receiver["encode"] => {
  const writer = new EnvelopeWriter(options)
  const { bodyBytes, limits } = options
  return ({ bytes, count, ends, starts }, target, nowMillis) => {
    const source = asBuffer(bytes)
    const into = asBuffer(target)
    const refused: Array<RefusedItem> = []
    let at = 0
    let taken = 0
    let records = 0
    while (taken < count && records < limits.requestRecords) {
      const isRead = writer.reader.read(source, starts[taken] ?? 0, ends[taken] ?? 0)
      const millis = isRead ? writer.reader.millis(nowMillis) : 0
      const size = isRead ? writer.bytes(millis) : 0
      const reason = isRead ? refusal(size, limits.recordBytes) : "is not a JSON object"
      if (reason !== undefined) refused.push({ index: taken, reason })
      else if (records > 0 && at + size > bodyBytes) break
      else {
        at = writer.write(into, at, millis)
        records++
      }
      taken++
    }
    return { bytes: at, taken, refused }
  }
}

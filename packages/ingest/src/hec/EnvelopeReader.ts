/**
 * Reads one HEC object `{"time", "event", "fields": {"recorded"}}` that the scanner has accepted: the record is its
 * `event`. Other keys (`host`, `source`, `sourcetype`, `index`) are allowed and left alone.
 */
import type { JsonScanner } from "../json/JsonScanner.ts"
import { type Members, type Name, Slots } from "../json/Members.ts"
import type { Quoted } from "../record/RecordEncoder.ts"
import type { RecordIntake, Refused } from "../record/RecordIntake.ts"
import { isTimestamp, millisOfEpochSeconds } from "../record/Timestamp.ts"
import type { HecAnswer, HecAnswerName } from "./HecAnswer.ts"

const brace = 0x7b
const wrongTime: HecAnswer = { name: "invalidData", detail: "time is not epoch seconds" }
const envelopeLevel = { first: 0, depth: 1 }

const answerTo: Readonly<Record<Refused["reason"], HecAnswerName>> = {
  "shape": "invalidData",
  "log-type": "invalidData",
  "logged": "invalidData",
  "size": "invalidData",
  "flow-logs-off": "incorrectIndex"
}

export class EnvelopeReader {
  readonly #members: Members
  readonly #intake: RecordIntake
  readonly #slots = new Slots()
  readonly #fields = new Slots()

  constructor(scanner: JsonScanner, intake: RecordIntake) {
    this.#members = scanner.members
    this.#intake = intake
  }

  /** Takes the event of the object scanned last, or says what is wrong with it. */
  read(bytes: Buffer): HecAnswer | undefined {
    this.#slots.gather(bytes, this.#members, envelopeLevel)
    const event = this.#slots.of("event")
    const time = this.#text(bytes, "time")
    const eventMillis = time === undefined ? undefined : millisOfEpochSeconds(time)
    const timeFault = time !== undefined && eventMillis === undefined ? wrongTime : undefined
    return this.#eventFault(bytes, event) ?? timeFault ?? this.#fieldsFault(bytes) ??
      this.#take(bytes, event, eventMillis)
  }

  #text(bytes: Buffer, name: Name): string | undefined {
    const slot = this.#slots.of(name)
    return slot < 0 ? undefined : bytes.toString("latin1", this.#members.valueStart(slot), this.#members.valueEnd(slot))
  }

  #firstByte(bytes: Buffer, slot: number): number | undefined {
    return bytes[this.#members.valueStart(slot)]
  }

  #eventFault(bytes: Buffer, event: number): HecAnswer | undefined {
    if (event < 0) return { name: "eventRequired" }
    if (this.#firstByte(bytes, event) === brace) return undefined
    const text = this.#text(bytes, "event")
    if (text === "null") return { name: "eventRequired" }
    return text === "\"\"" ? { name: "eventBlank" } : { name: "invalidData", detail: "the event is not an object" }
  }

  #fieldsFault(bytes: Buffer): HecAnswer | undefined {
    const slot = this.#slots.of("fields")
    if (slot < 0) return undefined
    if (this.#firstByte(bytes, slot) !== brace) return { name: "indexedFields", detail: "fields is not an object" }
    this.#fields.gather(bytes, this.#members, { first: slot + 1, depth: 2 })
    const recorded = this.#recorded(bytes)
    if (recorded === undefined || isTimestamp(bytes, recorded.from, recorded.to)) return undefined
    return { name: "indexedFields", detail: "fields.recorded is not an RFC 3339 time" }
  }

  #recorded(bytes: Buffer): Quoted | undefined {
    const slot = this.#slots.of("fields") < 0 ? -1 : this.#fields.of("recorded")
    return slot < 0 ? undefined : { bytes, from: this.#members.valueStart(slot), to: this.#members.valueEnd(slot) }
  }

  #take(bytes: Buffer, event: number, eventMillis: number | undefined): HecAnswer | undefined {
    const refused = this.#intake.take({
      bytes,
      start: this.#members.valueStart(event),
      end: this.#members.valueEnd(event),
      level: { first: event + 1, depth: 2 },
      recorded: this.#recorded(bytes),
      eventMillis
    })
    return refused === undefined ? undefined : { name: answerTo[refused.reason], detail: refused.text }
  }
}

/**
 * The entry of services that take a record's members at the top level beside a time of their own name:
 * `<lead>{…"time":"<RFC 3339>",<the record's members>}<newline>`.
 */
import type { ReceiverContext, Records } from "../Receiver.ts"
import { type Entry, notAnObject } from "./entries.ts"
import { Needles } from "./Needles.ts"
import { asBuffer, RecordReader } from "./RecordReader.ts"
import { StampWriter } from "./StampWriter.ts"
import { timestampBytes } from "./TimeText.ts"

export interface DatedForm {
  readonly topic: ReceiverContext["topic"]
  /** What stands before the time: an opening brace, members of the service, and the time's name with its colon. */
  readonly front: string
  /** Names that `front` has: a record's own member of such a name gives way. */
  readonly names: ReadonlyArray<string>
  /** A newline behind each entry. */
  readonly isLine: boolean
  /** Milliseconds since 1970, or why the record is refused. Default: the record's own time. */
  readonly timeOf?: (reader: RecordReader, nowMillis: number) => number | string
  /** Writes what stands before the entry, at most `leadBytes`; returns how many bytes that are. */
  readonly writeLead?: (into: Buffer, reader: RecordReader, record: RecordPlace) => number
}

/** `bytes` from `start` to `end`. */
export interface RecordPlace {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly offset: number
}

export const leadBytes = 512

const comma = 0x2c
const closeBrace = 0x7d
const newline = 0x0a

const ownTime = (reader: RecordReader, nowMillis: number) => reader.millis(nowMillis)

/** One for each receiver; `of` begins a body. */
export class DatedEntry implements Entry {
  readonly #form: DatedForm
  readonly #needles: Needles
  /** Reads what has none of the names, and so needs no stepping through. */
  readonly #quick: RecordReader
  readonly #thorough: RecordReader
  readonly #stamps = new StampWriter()
  readonly #front: Buffer
  readonly #lead: Buffer
  #records: Records = { bytes: new Uint8Array(), count: 0, starts: [], ends: [], offsets: [] }
  #bytes: Buffer = Buffer.alloc(0)
  #nowMillis = 0
  #reader: RecordReader
  #time = 0
  #leadBytes = 0

  constructor(form: DatedForm) {
    this.#form = form
    this.#needles = new Needles(form.names)
    this.#quick = new RecordReader({ topic: form.topic, without: [] })
    this.#thorough = new RecordReader({ topic: form.topic, without: form.names })
    this.#reader = this.#thorough
    this.#front = Buffer.from(form.front)
    this.#lead = Buffer.alloc(form.writeLead === undefined ? 0 : leadBytes)
  }

  of(records: Records, nowMillis: number): this {
    this.#records = records
    this.#bytes = asBuffer(records.bytes)
    this.#nowMillis = nowMillis
    this.#needles.search(this.#bytes)
    return this
  }

  measure(index: number): number | string {
    const start = this.#records.starts[index] ?? 0
    const end = this.#records.ends[index] ?? 0
    const reader = this.#reader = this.#needles.mayHave(start, end) ? this.#thorough : this.#quick
    if (!reader.read(this.#bytes, start, end)) return notAnObject
    const time = (this.#form.timeOf ?? ownTime)(reader, this.#nowMillis)
    if (typeof time === "string") return time
    this.#time = time
    const place = { bytes: this.#bytes, start, end, offset: this.#records.offsets[index] ?? 0 }
    this.#leadBytes = this.#form.writeLead?.(this.#lead, reader, place) ?? 0
    const members = reader.membersBytes === 0 ? 0 : 1 + reader.membersBytes
    return this.#leadBytes + this.#front.length + timestampBytes + members + (this.#form.isLine ? 2 : 1)
  }

  write(into: Buffer, from: number): number {
    let at = from
    if (this.#leadBytes > 0) at += this.#lead.copy(into, at, 0, this.#leadBytes)
    into.set(this.#front, at)
    at = this.#stamps.write(into, at + this.#front.length, this.#time)
    if (this.#reader.membersBytes > 0) {
      into[at] = comma
      at = this.#reader.copyMembers(into, at + 1)
    }
    into[at++] = closeBrace
    if (this.#form.isLine) into[at++] = newline
    return at
  }
}

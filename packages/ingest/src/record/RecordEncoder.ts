/**
 * Writes a scanned record in the S3 export form: `logged` first, then for an audit record `eventTime` if it had none,
 * then the record's own members as they were, byte for byte. `type` of an audit record is left out, as Tailscale's
 * objects have none. Numbers are never read, so none loses digits.
 */
import type { LogType } from "@tailrace/domain"
import { type Level, type Members, nameIds } from "../json/Members.ts"
import { Arena } from "./Arena.ts"
import type { RecordForm } from "./RecordForm.ts"
import { quotedTime } from "./Timestamp.ts"

const comma = 0x2c
const colon = 0x3a
const closing = 0x7d
const logged = Buffer.from("{\"logged\":")
const eventTime = Buffer.from(",\"eventTime\":")
/** More than what is put in front: both names and two times. */
const frontBytes = 128

/** JSON text of a string, quotes included. */
export interface Quoted {
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
}

/** A record within the bytes scanned: its object's bounds, and where its members are. */
export interface ScannedRecord {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly level: Level
  readonly kind: LogType
  readonly hasLineBreak: boolean
  /** The record's own, if it has one. */
  readonly logged: Quoted
  /** Epoch milliseconds, for an audit record without `eventTime`; undefined: as `logged`. */
  readonly eventMillis: number | undefined
}

export class RecordEncoder {
  readonly #arena = new Arena()
  readonly #form: RecordForm
  readonly #members: Members

  /** `form` and `members` are those of the record that is about to be encoded. */
  constructor(form: RecordForm, members: Members) {
    this.#form = form
    this.#members = members
  }

  encode(record: ScannedRecord): Uint8Array {
    this.#arena.begin(record.end - record.start + frontBytes)
    if (this.#isExported(record)) this.#arena.copy(record.bytes, record.start, record.end)
    else if (this.#mustRebuild(record)) this.#rebuild(record)
    else this.#putBefore(record)
    return this.#arena.end()
  }

  #addsEventTime({ kind }: ScannedRecord): boolean {
    return kind === "configuration" && !this.#form.has("eventTime")
  }

  #needsWork(record: ScannedRecord): boolean {
    return record.hasLineBreak || this.#form.slots.hasRepeated ||
      record.kind === "configuration" && this.#form.has("type")
  }

  #isExported(record: ScannedRecord): boolean {
    const inPlace = record.bytes.compare(logged, 0, logged.length, record.start, record.start + logged.length) === 0
    return inPlace && !this.#needsWork(record) && !this.#addsEventTime(record)
  }

  #mustRebuild(record: ScannedRecord): boolean {
    return this.#form.has("logged") || this.#needsWork(record)
  }

  #putFront(record: ScannedRecord): void {
    this.#arena.copy(logged)
    this.#arena.copy(record.logged.bytes, record.logged.from, record.logged.to)
    if (!this.#addsEventTime(record)) return
    this.#arena.copy(eventTime)
    if (record.eventMillis === undefined) {
      this.#arena.copy(record.logged.bytes, record.logged.from, record.logged.to)
    } else this.#arena.copy(quotedTime(record.eventMillis))
  }

  #putBefore(record: ScannedRecord): void {
    this.#putFront(record)
    this.#arena.put(comma)
    this.#arena.copy(record.bytes, record.start + 1, record.end)
  }

  #rebuild(record: ScannedRecord): void {
    this.#putFront(record)
    const members = this.#members
    const { depth, first } = record.level
    for (let slot = first; slot < members.count && members.depth(slot) >= depth; slot++) {
      if (members.depth(slot) === depth && this.#keeps(record, slot)) this.#putMember(record, slot)
    }
    this.#arena.put(closing)
  }

  #keeps({ bytes, kind }: ScannedRecord, slot: number): boolean {
    const id = this.#members.idOf(bytes, slot)
    if (id < 0) return true
    if (id === nameIds.logged || id === nameIds.type && kind === "configuration") return false
    return this.#form.slots.ofId(id) === slot
  }

  #putMember({ bytes, hasLineBreak }: ScannedRecord, slot: number): void {
    const members = this.#members
    this.#arena.put(comma)
    this.#arena.copy(bytes, members.keyStart(slot), members.keyEnd(slot))
    this.#arena.put(colon)
    if (hasLineBreak) this.#arena.copyCompact(bytes, members.valueStart(slot), members.valueEnd(slot))
    else this.#arena.copy(bytes, members.valueStart(slot), members.valueEnd(slot))
  }
}

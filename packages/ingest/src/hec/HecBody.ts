/**
 * The body of one HEC request, as it comes from the network: objects one after another, with nothing, white space or
 * line breaks between them, or in a top-level array. After the first fault no more objects are taken.
 */
import { JsonScanner, type Scanned } from "../json/JsonScanner.ts"
import { HeldBytes } from "../http/HeldBytes.ts"
import { type IntakeOptions, RecordIntake, tooLarge } from "../record/RecordIntake.ts"
import { EnvelopeReader } from "./EnvelopeReader.ts"
import type { HecAnswer } from "./HecAnswer.ts"

/** `outside` any array; right after `[`; after an element; after a comma. */
type Place = "outside" | "opened" | "element" | "comma"

const byteOf = (character: string): number => character.charCodeAt(0)

/** What may stand between objects, and where it leads. */
const punctuation: Readonly<Record<Place, ReadonlyMap<number, Place>>> = {
  outside: new Map([[byteOf("["), "opened"]]),
  opened: new Map([[byteOf("]"), "outside"]]),
  element: new Map([[byteOf(","), "comma"], [byteOf("]"), "outside"]]),
  comma: new Map()
}
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const brace = byteOf("{")

/** Room for the envelope around the largest record. */
const envelopeBytes = 64 * 1024

export class HecBody {
  readonly intake: RecordIntake
  readonly #held = new HeldBytes()
  readonly #scanner = new JsonScanner()
  readonly #reader: EnvelopeReader
  readonly #maxRecordBytes: number
  #place: Place = "outside"
  #objects = 0
  #fault: HecAnswer | undefined
  /** An unfinished object is looked at again only when twice as long: else many small chunks would cost a square. */
  #rescanAt = 0

  constructor(options: IntakeOptions) {
    this.intake = new RecordIntake(this.#scanner, options)
    this.#reader = new EnvelopeReader(this.#scanner, this.intake)
    this.#maxRecordBytes = options.maxRecordBytes
  }

  push(chunk: Uint8Array): void {
    if (this.#fault !== undefined) return
    this.#held.append(chunk)
    this.#work(false)
  }

  /** The body is complete: what to answer once the records taken are durable. */
  finish(): HecAnswer {
    if (this.#fault === undefined) this.#work(true)
    if (this.#fault === undefined && this.#place !== "outside") this.#fail({ name: "invalidData" })
    return this.#fault ?? { name: this.#objects === 0 ? "noData" : "success" }
  }

  #fail(answer: HecAnswer): void {
    this.#fault = { ...answer, event: this.#objects }
  }

  #work(isLast: boolean): void {
    const held = this.#held
    let goesOn = true
    while (goesOn) {
      let at = held.from
      while (at < held.to && isSpace(held.bytes[at])) at++
      held.release(at)
      goesOn = held.from < held.to && this.#next(isLast)
    }
  }

  #next(isLast: boolean): boolean {
    const byte = this.#held.bytes[this.#held.from] ?? 0
    if (byte === brace && this.#place !== "element") return this.#object(isLast)
    const place = punctuation[this.#place].get(byte)
    if (place === undefined) this.#fail({ name: "invalidData" })
    else {
      this.#place = place
      this.#held.release(this.#held.from + 1)
    }
    return place !== undefined
  }

  #object(isLast: boolean): boolean {
    const held = this.#held
    const length = held.to - held.from
    if (!isLast && length < this.#rescanAt) return false
    const scanned = this.#scanner.scan(held.bytes, held.from, held.to)
    if (scanned === "incomplete" && !isLast && length <= this.#maxRecordBytes + envelopeBytes) {
      this.#rescanAt = Math.min(2 * length, this.#maxRecordBytes + envelopeBytes + 1)
      return false
    }
    this.#rescanAt = 0
    const fault = this.#take(scanned, length)
    if (fault !== undefined) this.#fail(fault)
    return fault === undefined
  }

  #take(scanned: Scanned, length: number): HecAnswer | undefined {
    if (typeof scanned !== "number") {
      const isTooLarge = scanned === "incomplete" && length > this.#maxRecordBytes + envelopeBytes
      return { name: "invalidData", ...(isTooLarge ? { detail: tooLarge(this.#maxRecordBytes).text } : {}) }
    }
    const fault = this.#reader.read(this.#held.bytes)
    if (fault !== undefined) return fault
    this.#held.release(scanned)
    this.#objects++
    if (this.#place !== "outside") this.#place = "element"
    return undefined
  }
}

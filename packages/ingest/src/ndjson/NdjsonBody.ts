/**
 * The body of one NDJSON request, as it comes from the network: a record a line, blank lines allowed. The first line
 * that is refused ends it: such a request is refused whole.
 */
import { JsonScanner } from "../json/JsonScanner.ts"
import { HeldBytes } from "../http/HeldBytes.ts"
import { type IntakeOptions, RecordIntake, type Refused, tooLarge } from "../record/RecordIntake.ts"

const lineFeed = 0x0a
const blank = new Set([0x20, 0x09, 0x0d])
const level = { first: 0, depth: 1 }
const notJson: Refused = { reason: "shape", text: "not a JSON object" }

/** A line that was refused, counted from 1. */
export interface RefusedLine extends Refused {
  readonly line: number
}

export class NdjsonBody {
  readonly intake: RecordIntake
  readonly #held = new HeldBytes()
  readonly #scanner = new JsonScanner()
  readonly #maxLineBytes: number
  #line = 1
  /** No line feed stands before it. */
  #searchFrom = 0
  #refused: RefusedLine | undefined

  constructor(options: IntakeOptions) {
    this.intake = new RecordIntake(this.#scanner, options)
    this.#maxLineBytes = options.maxRecordBytes
  }

  push(chunk: Uint8Array): void {
    if (this.#refused !== undefined) return
    const searched = this.#searchFrom
    this.#held.append(chunk)
    this.#lines(this.#held.from + searched)
  }

  /** The body is complete: the first line refused, if there is one. */
  finish(): RefusedLine | undefined {
    if (this.#refused === undefined) this.#take(this.#held.to)
    return this.#refused
  }

  #lines(searchFrom: number): void {
    const held = this.#held
    let end = held.bytes.indexOf(lineFeed, searchFrom)
    // Behind `to` may lie bytes of earlier chunks.
    while (end >= 0 && end < held.to && this.#refused === undefined) {
      this.#take(end)
      held.release(end + 1)
      this.#line++
      this.#skipBlankLines()
      end = held.bytes.indexOf(lineFeed, held.from)
    }
    this.#searchFrom = held.to - held.from
    if (this.#searchFrom > this.#maxLineBytes) this.#refuse(tooLarge(this.#maxLineBytes))
  }

  /** Byte by byte: a body of nothing else would cost a search for each. */
  #skipBlankLines(): void {
    const held = this.#held
    let at = held.from
    while (at < held.to && held.bytes[at] === lineFeed) at++
    this.#line += at - held.from
    held.release(at)
  }

  #refuse(refused: Refused): void {
    this.#refused ??= { ...refused, line: this.#line }
  }

  #take(lineEnd: number): void {
    const { bytes, from } = this.#held
    let start = from
    let end = lineEnd
    while (start < end && blank.has(bytes[start] ?? 0)) start++
    while (end > start && blank.has(bytes[end - 1] ?? 0)) end--
    if (start === end) return
    // The scanner wants a zero behind its input; what stands there is white space that is done with.
    bytes[end] = 0
    const refused = bytes[start] === 0x7b && this.#scanner.scan(bytes, start, end) === end
      ? this.intake.take({ bytes, start, end, level, recorded: undefined, eventMillis: undefined })
      : notJson
    if (refused !== undefined) this.#refuse(refused)
  }
}

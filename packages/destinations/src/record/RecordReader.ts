/**
 * Reads a record by slices of its bytes: its times, and its members but for those that are to be left out. What ingest
 * wrote has a known order of members, which is looked at first; anything else is stepped through member by member.
 * JSON is not checked: what is no JSON may be read as if it were. Of a name that is repeated the first counts.
 */
import { Option, Schema } from "effect"
import { Instant, middle } from "./Instant.ts"
import { isAt, skipSpace, stringEnd, valueEnd } from "./JsonText.ts"
import { lastMillis } from "./TimeText.ts"

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openBrace = 0x7b
const closeBrace = 0x7d

/** Members whose values are needed, by their number. */
const read = { logged: 0, eventTime: 1, start: 2, end: 3 } as const
const expectedOrder = {
  audit: ["logged", "eventTime"],
  flow: ["logged", "nodeId", "start", "end"]
} as const

export interface RecordReading {
  readonly topic: "audit" | "flow"
  /** Names of members that are left out. */
  readonly without: ReadonlyArray<string>
}

const encode = (text: string) => Buffer.from(text, "utf8")
const decodeString = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.String))

interface Known {
  readonly name: string
  readonly key: Uint8Array
  /** `"name":"` */
  readonly opening: Uint8Array
  readonly isLeftOut: boolean
}

/** Where a member lies. */
interface Place {
  readonly keyFrom: number
  readonly valueFrom: number
  readonly valueTo: number
}

/** `records.bytes` as what `RecordReader` reads: the same memory. */
export const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const hasEscape = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] === backslash) return true
  return false
}

const textOf = (bytes: Buffer, from: number, to: number): string | undefined =>
  Option.getOrUndefined(decodeString(bytes.toString("utf8", from, to)))

const isTime = (millis: number): boolean => millis >= 0 && millis <= lastMillis

export class RecordReader {
  /** The value of `logged`, quotes included; -1: it has none that is a string. */
  loggedFrom = -1
  loggedTo = -1
  /** Bytes of what `copyMembers` writes; 0: no member is left. */
  membersBytes = 0

  readonly #topic: RecordReading["topic"]
  readonly #known: ReadonlyArray<Known>
  readonly #expected: ReadonlyArray<number>
  /** Of each known member; the value's end is -1 while it was not met. */
  readonly #from: Int32Array
  readonly #to: Int32Array
  /** Pairs: from a kept member's name to the end of the last one that is kept in a row. */
  readonly #runs: Int32Array
  #runCount = 0
  #isInRun = false
  #bytes: Buffer = Buffer.alloc(0)
  readonly #one = new Instant()
  readonly #other = new Instant()

  constructor({ topic, without }: RecordReading) {
    const names = [...new Set([...Object.keys(read), "nodeId", ...without])]
    this.#topic = topic
    this.#known = names.map((name) => ({
      name,
      key: encode(JSON.stringify(name)),
      opening: encode(`${JSON.stringify(name)}:"`),
      isLeftOut: without.includes(name)
    }))
    const order: ReadonlyArray<string> = expectedOrder[topic]
    const isQuick = without.every((name) => order.includes(name))
    this.#expected = isQuick ? order.map((name) => names.indexOf(name)) : []
    this.#from = new Int32Array(names.length)
    this.#to = new Int32Array(names.length)
    this.#runs = new Int32Array(2 * (without.length + 1))
  }

  /** False: it has not the form of a JSON object. What was read holds until the next one is. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.#bytes = bytes
    if (this.#expected.length > 0 && this.#readExpected(start, end)) return true
    return this.#readAny(start, end)
  }

  /**
   * The record's own time in milliseconds since 1970: the middle of a flow record's window, an audit record's
   * `eventTime`; where that is no time since 1970 that of `logged`, else `otherwise`.
   */
  millis(otherwise: number): number {
    const own = this.#topic === "flow" ? this.#window() : this.#instant(read.eventTime, this.#one)
    if (isTime(own)) return own
    const logged = this.loggedMillis()
    return isTime(logged) ? logged : otherwise
  }

  /** Milliseconds since 1970; NaN if it is no time. */
  loggedMillis(): number {
    return this.#instant(read.logged, this.#one)
  }

  /** The members that are not left out, with commas between them, without braces. Returns where they end. */
  copyMembers(into: Buffer, at: number): number {
    let to = at
    for (let run = 0; run < this.#runCount; run++) {
      if (run > 0) into[to++] = comma
      const from = this.#runs[2 * run] ?? 0
      const end = this.#runs[2 * run + 1] ?? 0
      this.#bytes.copy(into, to, from, end)
      to += end - from
    }
    return to
  }

  /** The value of `logged`, quotes included. Returns where it ends. */
  copyLogged(into: Uint8Array, at: number): number {
    for (let from = this.loggedFrom, to = at; from < this.loggedTo; from++, to++) into[to] = this.#bytes[from] ?? 0
    return at + this.loggedTo - this.loggedFrom
  }

  #begin(): void {
    this.#to.fill(-1)
    this.#runCount = 0
    this.#isInRun = false
    this.membersBytes = 0
    this.loggedFrom = this.loggedTo = -1
  }

  #readExpected(start: number, end: number): boolean {
    const bytes = this.#bytes
    if (bytes[start] !== openBrace || bytes[end - 1] !== closeBrace) return false
    this.#begin()
    let at = start + 1
    for (const id of this.#expected) {
      const opening = this.#known[id]?.opening
      if (opening === undefined || !isAt(bytes, at, opening)) return false
      const valueFrom = at + opening.length - 1
      const valueTo = stringEnd(bytes, valueFrom, end)
      if (valueTo < 0 || bytes[valueTo] !== comma) return false
      this.#take(id, { keyFrom: at, valueFrom, valueTo })
      at = valueTo + 1
    }
    this.#keep(at, end - 1)
    return true
  }

  #readAny(start: number, end: number): boolean {
    const bytes = this.#bytes
    this.#begin()
    let at = skipSpace(bytes, start, end)
    if (bytes[at] !== openBrace) return false
    at = skipSpace(bytes, at + 1, end)
    if (bytes[at] === closeBrace) return skipSpace(bytes, at + 1, end) === end
    while (at < end) {
      const behind = this.#member(at, end)
      if (behind < 0) return false
      at = skipSpace(bytes, behind, end)
      if (bytes[at] === closeBrace) return skipSpace(bytes, at + 1, end) === end
      if (bytes[at] !== comma) return false
      at = skipSpace(bytes, at + 1, end)
    }
    return false
  }

  /** Takes the member whose name opens here; returns where its value ends, or -1. */
  #member(keyFrom: number, end: number): number {
    const bytes = this.#bytes
    const keyTo = bytes[keyFrom] === quote ? stringEnd(bytes, keyFrom, end) : -1
    if (keyTo < 0) return -1
    const at = skipSpace(bytes, keyTo, end)
    if (bytes[at] !== colon) return -1
    const valueFrom = skipSpace(bytes, at + 1, end)
    const valueTo = valueEnd(bytes, valueFrom, end)
    if (valueTo < 0 || valueTo >= end) return -1
    this.#take(this.#idOf(keyFrom, keyTo), { keyFrom, valueFrom, valueTo })
    return valueTo
  }

  #idOf(keyFrom: number, keyTo: number): number {
    const bytes = this.#bytes
    if (hasEscape(bytes, keyFrom, keyTo)) {
      const name = textOf(bytes, keyFrom, keyTo)
      return this.#known.findIndex((known) => known.name === name)
    }
    for (let id = 0; id < this.#known.length; id++) {
      const key = this.#known[id]?.key
      if (key?.length === keyTo - keyFrom && isAt(bytes, keyFrom, key)) return id
    }
    return -1
  }

  #take(id: number, { keyFrom, valueFrom, valueTo }: Place): void {
    const isFirst = id >= 0 && this.#to[id] === -1
    if (isFirst) {
      this.#from[id] = valueFrom
      this.#to[id] = valueTo
    }
    const isString = this.#bytes[valueFrom] === quote
    if (isFirst && id === read.logged && isString) {
      this.loggedFrom = valueFrom
      this.loggedTo = valueTo
    }
    // A `logged` that is no string has no other place to go to.
    if (isFirst && this.#known[id]?.isLeftOut === true && (isString || id !== read.logged)) this.#isInRun = false
    else this.#keep(keyFrom, valueTo)
  }

  #keep(from: number, to: number): void {
    if (this.#isInRun) {
      const last = 2 * this.#runCount - 1
      this.membersBytes += to - (this.#runs[last] ?? 0)
      this.#runs[last] = to
      return
    }
    this.membersBytes += to - from + (this.#runCount > 0 ? 1 : 0)
    this.#runs[2 * this.#runCount] = from
    this.#runs[2 * this.#runCount + 1] = to
    this.#runCount++
    this.#isInRun = true
  }

  #instant(id: number, instant: Instant): number {
    const from = this.#from[id] ?? 0
    const to = this.#to[id] ?? -1
    instant.millis = NaN
    if (to < 0 || this.#bytes[from] !== quote) return NaN
    if (!instant.read(this.#bytes, from + 1, to - 1) && hasEscape(this.#bytes, from, to)) {
      const text = encode(textOf(this.#bytes, from, to) ?? "")
      instant.read(text, 0, text.length)
    }
    return instant.millis
  }

  #window(): number {
    this.#instant(read.start, this.#one)
    this.#instant(read.end, this.#other)
    return middle(this.#one, this.#other)
  }
}

/**
 * Checks that bytes are one JSON object (RFC 8259, UTF-8) and says where it ends and where its members stand, in one
 * pass and without an object per value. It is not a parser: it makes no values; whoever needs one decodes its span.
 *
 * The byte at `end` must be readable and must be 0, which JSON allows nowhere: so no loop has to look at the end.
 */
import { isUtf8 } from "node:buffer"
import { Members } from "./Members.ts"

/** Deeper than any real record; a limit, because the scan is recursive. */
export const maxDepth = 256

const wrong = -1
const quote = 0x22
const backslash = 0x5c

/** What a byte in a string means: 0 goes on, 1 ends the run (quote, backslash, control character). */
const endsRun = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte < 0x20 || byte === quote || byte === backslash ? 1 : 0
)
const escapes = new Set([...`"\\/bfnrt`].map((character) => character.charCodeAt(0)))
const literals: ReadonlyMap<number, Uint8Array> = new Map(
  ["true", "false", "null"].map((literal) => [literal.charCodeAt(0), new TextEncoder().encode(literal)])
)

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean => isDigit(byte) || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66

/** `end`: the index after the object; `"incomplete"`: more bytes are needed; `"invalid"`: no bytes can make it JSON. */
export type Scanned = number | "incomplete" | "invalid"

export class JsonScanner {
  /** Members at depth 1 and 2 of the object scanned last. */
  readonly members = new Members()
  #bytes: Uint8Array = new Uint8Array(1)
  #failedAt = 0
  #high = 0
  #hasLineBreak = false

  /** Whether a line break stands between tokens of the object scanned last. */
  get hasLineBreak(): boolean {
    return this.#hasLineBreak
  }

  /** Scans the object whose `{` is at `start`; bytes from `end` on do not belong to the input. */
  scan(bytes: Buffer, start: number, end: number): Scanned {
    this.members.clear()
    this.#bytes = bytes
    this.#high = 0
    this.#hasLineBreak = false
    const after = this.#object(start, 1)
    if (after === wrong) return this.#failedAt >= end ? "incomplete" : "invalid"
    return this.#high < 0x80 || isUtf8(bytes.subarray(start, after)) ? after : "invalid"
  }

  #at(index: number): number {
    return this.#bytes[index] ?? 0
  }

  #fail(index: number): number {
    this.#failedAt = index
    return wrong
  }

  #space(from: number): number {
    let at = from
    let byte = this.#at(at)
    while (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) {
      if (byte !== 0x20 && byte !== 0x09) this.#hasLineBreak = true
      byte = this.#at(++at)
    }
    return at
  }

  #object(start: number, depth: number): number {
    if (depth > maxDepth) return this.#fail(start)
    let at = this.#space(start + 1)
    if (this.#at(at) === 0x7d) return at + 1
    for (;;) {
      at = this.#member(at, depth)
      if (at === wrong) return wrong
      const byte = this.#at(at)
      if (byte === 0x7d) return at + 1
      if (byte !== 0x2c) return this.#fail(at)
      at = this.#space(at + 1)
    }
  }

  #member(keyStart: number, depth: number): number {
    if (this.#at(keyStart) !== quote) return this.#fail(keyStart)
    const keyEnd = this.#string(keyStart)
    if (keyEnd === wrong) return wrong
    const colon = this.#space(keyEnd)
    if (this.#at(colon) !== 0x3a) return this.#fail(colon)
    const valueStart = this.#space(colon + 1)
    const slot = depth <= 2 ? this.members.open(depth, keyStart, keyEnd) : wrong
    const valueEnd = this.#value(valueStart, depth)
    if (valueEnd === wrong) return wrong
    if (slot !== wrong) this.members.close(slot, valueStart, valueEnd)
    return this.#space(valueEnd)
  }

  #array(start: number, depth: number): number {
    if (depth > maxDepth) return this.#fail(start)
    let at = this.#space(start + 1)
    if (this.#at(at) === 0x5d) return at + 1
    for (;;) {
      at = this.#value(at, depth)
      if (at === wrong) return wrong
      at = this.#space(at)
      const byte = this.#at(at)
      if (byte === 0x5d) return at + 1
      if (byte !== 0x2c) return this.#fail(at)
      at = this.#space(at + 1)
    }
  }

  #value(at: number, depth: number): number {
    const byte = this.#at(at)
    if (byte === quote) return this.#string(at)
    if (byte === 0x7b) return this.#object(at, depth + 1)
    // An object in an array is nobody's member: its depth is past those that are kept.
    if (byte === 0x5b) return this.#array(at, Math.max(depth + 1, 3))
    return byte === 0x2d || isDigit(byte) ? this.#number(at) : this.#literal(at, byte)
  }

  #string(start: number): number {
    const bytes = this.#bytes
    let at = start + 1
    let high = 0
    for (;;) {
      let byte = bytes[at] ?? 0
      while (endsRun[byte] === 0) {
        high |= byte
        byte = bytes[++at] ?? 0
      }
      if (byte === quote) break
      if (byte !== backslash) return this.#fail(at)
      at = this.#escape(at + 1)
      if (at === wrong) return wrong
    }
    this.#high |= high
    return at + 1
  }

  #escape(at: number): number {
    const byte = this.#at(at)
    if (byte !== 0x75) return escapes.has(byte) ? at + 1 : this.#fail(at)
    for (let digit = at + 1; digit <= at + 4; digit++) if (!isHex(this.#at(digit))) return this.#fail(digit)
    return at + 5
  }

  #digits(from: number): number {
    let at = from
    while (isDigit(this.#at(at))) at++
    return at > from ? at : this.#fail(at)
  }

  #number(start: number): number {
    let at = this.#at(start) === 0x2d ? start + 1 : start
    at = this.#at(at) === 0x30 ? at + 1 : this.#digits(at)
    if (at !== wrong && this.#at(at) === 0x2e) at = this.#digits(at + 1)
    if (at === wrong || (this.#at(at) | 0x20) !== 0x65) return at
    const sign = this.#at(at + 1)
    return this.#digits(sign === 0x2b || sign === 0x2d ? at + 2 : at + 1)
  }

  #literal(start: number, first: number): number {
    const literal = literals.get(first)
    if (literal === undefined) return this.#fail(start)
    for (let index = 1; index < literal.length; index++) {
      if (this.#at(start + index) !== literal[index]) return this.#fail(start + index)
    }
    return start + literal.length
  }
}

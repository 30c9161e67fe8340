/**
 * Measures and writes one record of a batch (its grammar is in `RecordCursor`). The record's time is its batch's.
 * Short texts of ASCII letters, as tailnets' names are, take a quick way.
 */
import type { Entry } from "@tailrace/log"

/** Of which the length takes one byte. */
const quickChars = 63
/** Lengths below 0 are null. */
const nullLength = -1

const zigzag = (value: number): number => (value << 1) ^ (value >> 31)

const varintBytes = (value: number): number => {
  const bits = zigzag(value) >>> 0
  if (bits < 0x80) return 1
  if (bits < 0x4000) return 2
  if (bits < 0x200000) return 3
  return bits < 0x10000000 ? 4 : 5
}

/** Bytes of the text in UTF-8. */
const textBytes = (text: string): number => {
  if (text.length > quickChars) return Buffer.byteLength(text)
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text)
  }
  return text.length
}

const headersBytes = (headers: Readonly<Record<string, string>>): number => {
  const names = Object.keys(headers)
  return names.reduce((sum, name) => {
    const nameLength = textBytes(name)
    const valueLength = textBytes(headers[name] ?? "")
    return sum + varintBytes(nameLength) + nameLength + varintBytes(valueLength) + valueLength
  }, varintBytes(names.length))
}

/** All of a record whose body is so long. */
export const recordBytes = (body: number): number => varintBytes(body) + body

/** Measures records one after the other, and knows the key of the one before. */
export class RecordSize {
  private lastKey: string | null = null
  private lastKeyBytes = nullLength

  /** Behind the record's own length. */
  body({ headers, key, value }: Entry, offsetDelta: number): number {
    const keyLength = this.keyBytes(key)
    const valueLength = value === null ? nullLength : value.length
    return 2 + varintBytes(offsetDelta)
      + varintBytes(keyLength) + Math.max(0, keyLength)
      + varintBytes(valueLength) + Math.max(0, valueLength)
      + (headers === undefined ? 1 : headersBytes(headers))
  }

  private keyBytes(key: string | null): number {
    if (key === this.lastKey) return this.lastKeyBytes
    this.lastKey = key
    this.lastKeyBytes = key === null ? nullLength : textBytes(key)
    return this.lastKeyBytes
  }
}

/** Writes records one behind the other into memory measured before. */
export class RecordWriter {
  at: number

  private readonly target: Buffer

  constructor(target: Buffer, at: number) {
    this.target = target
    this.at = at
  }

  /** `body`: as `RecordSize` measured it. */
  write({ headers, key, value }: Entry, offsetDelta: number, body: number): void {
    this.varint(body)
    this.target[this.at++] = 0
    this.target[this.at++] = 0
    this.varint(offsetDelta)
    if (key === null) this.varint(nullLength)
    else this.text(key)
    if (value === null) this.varint(nullLength)
    else {
      this.varint(value.length)
      this.target.set(value, this.at)
      this.at += value.length
    }
    if (headers === undefined) this.target[this.at++] = 0
    else this.headers(headers)
  }

  private text(text: string): void {
    if (text.length <= quickChars && this.quickText(text)) return
    const length = Buffer.byteLength(text)
    this.varint(length)
    this.target.write(text, this.at)
    this.at += length
  }

  /** Its length takes one byte; false: the text is not all ASCII. */
  private quickText(text: string): boolean {
    const { at, target } = this
    const { length } = text
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      target[at + 1 + index] = code
    }
    target[at] = length * 2
    this.at = at + 1 + length
    return true
  }

  private headers(headers: Readonly<Record<string, string>>): void {
    const names = Object.keys(headers)
    this.varint(names.length)
    for (const name of names) {
      this.text(name)
      this.text(headers[name] ?? "")
    }
  }

  private varint(value: number): void {
    let bits = zigzag(value) >>> 0
    while (bits > 0x7f) {
      this.target[this.at++] = (bits & 0x7f) | 0x80
      bits >>>= 7
    }
    this.target[this.at++] = bits
  }
}

/** A single record in memory of its own, without a batch. */
export const encodeRecord = (entry: Entry, offsetDelta: number): Buffer => {
  const body = new RecordSize().body(entry, offsetDelta)
  const bytes = Buffer.allocUnsafeSlow(recordBytes(body))
  new RecordWriter(bytes, 0).write(entry, offsetDelta, body)
  return bytes
}

/** Keeps the header bytes of the few records of a chunk that have any, and decodes them only when asked. */
import type { RecordCursor } from "./RecordCursor.ts"

const emptyBytes = Buffer.alloc(0)
/** More is given back after the chunk. */
const keptBytes = 65_536
const none: Readonly<Record<string, string>> = {}

interface Place {
  readonly at: number
  readonly count: number
}

/** A varint that `RecordCursor` has checked, and where it ends. */
const readVarint = (bytes: Buffer, start: number): readonly [value: number, end: number] => {
  let at = start
  let bits = 0
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = bytes[at++] ?? 0
    bits |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  return [(bits >>> 1) ^ -(bits & 1), at]
}

const readText = (bytes: Buffer, start: number): readonly [text: string, end: number] => {
  const [length, at] = readVarint(bytes, start)
  const end = at + Math.max(0, length)
  return [bytes.toString("utf8", at, end), end]
}

export class HeaderStore {
  private readonly places = new Map<number, Place>()
  private bytes = emptyBytes
  private end = 0

  begin(): void {
    this.end = 0
    if (this.places.size > 0) this.places.clear()
    if (this.bytes.length > keptBytes) this.bytes = emptyBytes
  }

  /** Copies the headers of the cursor's present record, which is number `index` of the chunk. */
  keep(index: number, record: RecordCursor): void {
    const length = record.headersEnd - record.headersAt
    if (this.end + length > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(2 * (this.end + length))
      this.bytes.copy(grown, 0, 0, this.end)
      this.bytes = grown
    }
    record.bytes.copy(this.bytes, this.end, record.headersAt, record.headersEnd)
    this.places.set(index, { at: this.end, count: record.headerCount })
    this.end += length
  }

  /** Of several headers with one name the last one counts; a null value is an empty text. */
  at(index: number): Readonly<Record<string, string>> {
    const place = this.places.get(index)
    if (place === undefined) return none
    const entries: Array<readonly [string, string]> = []
    let { at } = place
    for (let left = place.count; left > 0; left--) {
      const [name, nameEnd] = readText(this.bytes, at)
      const [value, valueEnd] = readText(this.bytes, nameEnd)
      entries.push([name, value])
      at = valueEnd
    }
    return Object.fromEntries(entries)
  }
}

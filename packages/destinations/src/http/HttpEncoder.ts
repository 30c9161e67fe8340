/** Records byte for byte as they lie in the log: one a line, or the elements of one JSON array. */
import type { HttpConfig } from "@tailrace/domain"
import type { Receiver, Records } from "../Receiver.ts"
import { type Entry, fillEntries } from "../record/entries.ts"
import { asBuffer } from "../record/RecordReader.ts"
import { goalBytes, httpLimits } from "./HttpLimits.ts"

type Format = HttpConfig["format"]

const newline = 0x0a

class RawEntry implements Entry {
  readonly #records: Records
  readonly #bytes: Buffer
  readonly #endBytes: 0 | 1
  #start = 0
  #end = 0

  constructor(records: Records, format: Format) {
    this.#records = records
    this.#bytes = asBuffer(records.bytes)
    this.#endBytes = format === "ndjson" ? 1 : 0
  }

  measure(index: number): number {
    this.#start = this.#records.starts[index] ?? 0
    this.#end = this.#records.ends[index] ?? 0
    return this.#end - this.#start + this.#endBytes
  }

  write(into: Buffer, from: number): number {
    const at = from + this.#bytes.copy(into, from, this.#start, this.#end)
    if (this.#endBytes === 1) into[at] = newline
    return at + this.#endBytes
  }
}

export const httpEncoder = (format: Format): Receiver["encode"] => (records, into) =>
  fillEntries(records, into, {
    limits: httpLimits,
    framing: format === "ndjson" ? "lines" : "array",
    entry: new RawEntry(records, format),
    goalBytes
  })

export const contentType = (format: Format): string => format === "ndjson" ? "application/x-ndjson" : "application/json"

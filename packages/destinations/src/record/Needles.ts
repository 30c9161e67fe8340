/**
 * Tells without reading them which records might have a member of certain names: those in whose bytes such a name, or
 * an escape that could spell one, stands anywhere. Searching all of a batch at once costs a fraction of reading it.
 */

interface Needle {
  readonly bytes: Buffer
  /** Where it stands next, from where it was searched. */
  next: number
}

/** An escape in a name is `\u` and never needed, but allowed. */
const escape = "\\u"

/** Bytes that are searched at once: no more than a few records behind those that one body takes. */
const windowBytes = 65_536

export class Needles {
  readonly #needles: ReadonlyArray<Needle>
  #bytes: Buffer = Buffer.alloc(0)
  /** The bytes up to the end of the window. */
  #window: Buffer = this.#bytes
  #from = 0

  constructor(names: ReadonlyArray<string>) {
    this.#needles = [...names.map((name) => JSON.stringify(name)), escape]
      .map((text) => ({ bytes: Buffer.from(text), next: -1 }))
  }

  /** `bytes` are those of all records that will be asked for. */
  search(bytes: Buffer): void {
    this.#bytes = bytes
    this.#window = bytes.subarray(0, 0)
  }

  /** Whether the record may have such a member. Fastest when records are asked for in the order in which they lie. */
  mayHave(start: number, end: number): boolean {
    if (start < this.#from || end > this.#window.length) this.#open(start, end)
    this.#from = start
    let found = false
    for (const needle of this.#needles) {
      if (needle.next < start) {
        const at = this.#window.indexOf(needle.bytes, start)
        needle.next = at < 0 ? Infinity : at
      }
      if (needle.next < end) found = true
    }
    return found
  }

  #open(start: number, end: number): void {
    this.#window = this.#bytes.subarray(0, Math.max(end, start + windowBytes))
    for (const needle of this.#needles) needle.next = -1
  }
}

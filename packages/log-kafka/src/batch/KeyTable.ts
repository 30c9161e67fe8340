/**
 * Finds the keys of a chunk by their bytes, so that a key met before costs no string. Remembers keys from chunk to
 * chunk, up to a bound. Long keys, and keys that find no place, go by their text.
 */
const emptyBytes = Buffer.alloc(0)
/** Longer keys are compared as text. */
const maxKeyBytes = 256
const maxEntries = 8_192
/** Beyond so many slots tried, somebody chooses keys to collide. */
const maxProbes = 32
const firstEntries = 128

/** FNV-1a. */
const hashOf = (bytes: Buffer, start: number, length: number): number => {
  let hash = 0x811c9dc5
  for (let at = start; at < start + length; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  return hash ^ (hash >>> 15)
}

const larger = (column: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> => {
  const grown = new Int32Array(length)
  grown.set(column)
  return grown
}

export class KeyTable {
  /** Of the present chunk, each once. */
  keys: Array<string | null> = []

  /** Of the present chunk: keys that go by their text, and the null key. */
  private readonly indexByText = new Map<string | null, number>()
  private readonly entryByText = new Map<string, number>()
  /** Entry + 1 in a slot, 0: free; twice as many slots as entries, a power of two. */
  private slots = new Int32Array(2 * firstEntries)
  private hashes = new Int32Array(firstEntries)
  private starts = new Int32Array(firstEntries)
  private lengths = new Int32Array(firstEntries)
  /** Index in `keys`, good if the entry's chunk is the present one. */
  private indexes = new Int32Array(firstEntries)
  private chunks = new Int32Array(firstEntries)
  private texts: Array<string> = []
  private store = emptyBytes
  private stored = 0
  private chunk = 0
  private last = -1

  /** A new chunk begins. */
  begin(): void {
    this.keys = []
    if (this.indexByText.size > 0) this.indexByText.clear()
    this.chunk = (this.chunk + 1) | 0
    this.last = -1
    if (this.texts.length === maxEntries) this.forget()
  }

  /** Index in `keys` of the key in these bytes; a length below 0 is the null key. */
  indexOf(bytes: Buffer, start: number, length: number): number {
    if (length < 0) return this.indexOfNull()
    if (length > maxKeyBytes) return this.indexOfText(bytes.toString("utf8", start, start + length))
    if (this.last >= 0 && this.lengths[this.last] === length && this.isEntry(this.last, bytes, start)) {
      return this.indexes[this.last] ?? 0
    }
    return this.find(bytes, start, length)
  }

  private find(bytes: Buffer, start: number, length: number): number {
    const hash = hashOf(bytes, start, length)
    for (let probe = 0; probe < maxProbes; probe++) {
      const slot = (hash + probe) & (this.slots.length - 1)
      const entry = (this.slots[slot] ?? 0) - 1
      if (entry < 0) return this.learn({ bytes, start, length, hash })
      if (this.hashes[entry] === hash && this.lengths[entry] === length && this.isEntry(entry, bytes, start)) {
        return this.use(entry)
      }
    }
    return this.indexOfText(bytes.toString("utf8", start, start + length))
  }

  /** Of keys of equal length. */
  private isEntry(entry: number, bytes: Buffer, start: number): boolean {
    const from = this.starts[entry] ?? 0
    const length = this.lengths[entry] ?? 0
    for (let at = 0; at < length; at++) if (this.store[from + at] !== bytes[start + at]) return false
    return true
  }

  private use(entry: number): number {
    this.last = entry
    if (this.chunks[entry] === this.chunk) return this.indexes[entry] ?? 0
    const text = this.texts[entry] ?? ""
    const known = this.indexByText.size > 0 ? this.indexByText.get(text) : undefined
    const index = known ?? this.keys.push(text) - 1
    this.chunks[entry] = this.chunk
    this.indexes[entry] = index
    return index
  }

  private indexOfNull(): number {
    const known = this.indexByText.get(null)
    if (known !== undefined) return known
    this.indexByText.set(null, this.keys.length)
    return this.keys.push(null) - 1
  }

  private indexOfText(text: string): number {
    const entry = this.entryByText.get(text)
    if (entry !== undefined) return this.use(entry)
    const known = this.indexByText.get(text)
    if (known !== undefined) return known
    this.indexByText.set(text, this.keys.length)
    return this.keys.push(text) - 1
  }

  private learn(key: { bytes: Buffer; start: number; length: number; hash: number }): number {
    const { bytes, hash, length, start } = key
    const text = bytes.toString("utf8", start, start + length)
    const entry = this.texts.length
    // Bytes that are no UTF-8 can have the text of other bytes.
    if (entry === maxEntries || this.entryByText.has(text)) return this.indexOfText(text)
    if (entry === this.hashes.length) this.grow()
    this.hashes[entry] = hash
    this.starts[entry] = this.stored
    this.lengths[entry] = length
    this.chunks[entry] = this.chunk - 1
    this.texts.push(text)
    this.entryByText.set(text, entry)
    this.keep(bytes, start, length)
    this.place(entry)
    return this.use(entry)
  }

  private keep(bytes: Buffer, start: number, length: number): void {
    if (this.stored + length > this.store.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(4_096, 2 * (this.stored + length)))
      this.store.copy(grown, 0, 0, this.stored)
      this.store = grown
    }
    bytes.copy(this.store, this.stored, start, start + length)
    this.stored += length
  }

  private place(entry: number): void {
    const mask = this.slots.length - 1
    let slot = (this.hashes[entry] ?? 0) & mask
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask
    this.slots[slot] = entry + 1
  }

  private grow(): void {
    const length = 2 * this.hashes.length
    this.hashes = larger(this.hashes, length)
    this.starts = larger(this.starts, length)
    this.lengths = larger(this.lengths, length)
    this.indexes = larger(this.indexes, length)
    this.chunks = larger(this.chunks, length)
    this.slots = new Int32Array(2 * length)
    for (let entry = 0; entry < this.texts.length; entry++) this.place(entry)
  }

  private forget(): void {
    this.slots.fill(0)
    this.texts = []
    this.entryByText.clear()
    this.stored = 0
  }
}

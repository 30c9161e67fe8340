/** Where the values of a request's records are put together: blocks that fill up, no buffer for each record. */
const blockBytes = 256 * 1024

const space = (byte: number): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d

export class Arena {
  #block = Buffer.alloc(0)
  #from = 0
  #to = 0

  /** Begins a value of at most `bytes` bytes. */
  begin(bytes: number): void {
    this.#from = this.#to
    if (this.#block.length - this.#to >= bytes) return
    this.#block = Buffer.allocUnsafeSlow(Math.max(blockBytes, bytes))
    this.#from = this.#to = 0
  }

  /** The value begun last; `begin` must come before anything more is put. */
  end(): Uint8Array {
    return this.#block.subarray(this.#from, this.#to)
  }

  put(byte: number): void {
    this.#block[this.#to++] = byte
  }

  copy(bytes: Buffer, from = 0, to = bytes.length): void {
    bytes.copy(this.#block, this.#to, from, to)
    this.#to += to - from
  }

  /** Copies JSON without the white space between its tokens. */
  copyCompact(bytes: Buffer, from: number, to: number): void {
    let inString = false
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0
      if (!inString && space(byte)) continue
      this.put(byte)
      if (byte === 0x22) inString = !inString
      else if (inString && byte === 0x5c) this.put(bytes[++at] ?? 0)
    }
  }
}

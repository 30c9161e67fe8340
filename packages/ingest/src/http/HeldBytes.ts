/**
 * The part of a request's body that is not worked off yet: network chunks in, complete pieces out, the unfinished rest
 * kept. Each byte is copied once; a zero byte always stands behind the end, as `JsonScanner` wants it.
 */
const smallest = 4096

export class HeldBytes {
  #bytes = Buffer.alloc(smallest)
  #from = 0
  #to = 0

  get bytes(): Buffer {
    return this.#bytes
  }

  /** First byte that is not worked off. */
  get from(): number {
    return this.#from
  }

  /** After the last byte. */
  get to(): number {
    return this.#to
  }

  append(chunk: Uint8Array): void {
    const held = this.#to - this.#from
    if (this.#to + chunk.length >= this.#bytes.length) this.#moveTo(held + chunk.length + 1)
    this.#bytes.set(chunk, this.#to)
    this.#to += chunk.length
    this.#bytes[this.#to] = 0
  }

  /** All bytes before `index` are worked off. */
  release(index: number): void {
    this.#from = index
    if (this.#from === this.#to) this.#from = this.#to = 0
  }

  #moveTo(size: number): void {
    // Doubled, so that a piece that arrives in many small chunks is moved a few times only.
    const target = size > this.#bytes.length ? Buffer.alloc(Math.max(size, this.#bytes.length * 2)) : this.#bytes
    this.#bytes.copy(target, 0, this.#from, this.#to)
    this.#bytes = target
    this.#to -= this.#from
    this.#from = 0
  }
}

/**
 * Memory that legs to receivers use again and again: for the records that they gather, and for bodies. Fresh memory
 * costs more than filling it, since the system clears each page of it.
 */

/** Smaller ones are not worth keeping. */
const smallestBytes = 8 * 1024

/** Kept for the next use, over all sizes. */
const spareBytesMax = 16 * 1024 * 1024

/** What a buffer for `bytes` really holds: a power of two, so that a few sizes serve all. */
export const bufferSize = (bytes: number): number => {
  let size = smallestBytes
  while (size < bytes) size *= 2
  return size
}

export class Buffers {
  private readonly spare = new Map<number, Array<Uint8Array<ArrayBuffer>>>()
  private spareBytes = 0

  /** At least `bytes` long; not cleared. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const size = bufferSize(bytes)
    const used = this.spare.get(size)?.pop()
    if (used === undefined) return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)
    this.spareBytes -= size
    return used
  }

  /** Nobody may look at it any more. What is not kept is free at once: garbage would not be in any budget. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    const size = buffer.length
    if (this.spareBytes + size > spareBytesMax) {
      buffer.buffer.transfer(0)
      return
    }
    this.spareBytes += size
    const present = this.spare.get(size)
    if (present === undefined) this.spare.set(size, [buffer])
    else present.push(buffer)
  }
}

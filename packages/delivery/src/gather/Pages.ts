/**
 * Memory for records that wait to be compressed. Whole frames are used again and again: allocating and collecting
 * them costs more than filling them.
 */

/** Frames kept for the next window. */
const spareMax = 12

export class Pages {
  readonly frameBytes: number
  private readonly spare: Array<Uint8Array<ArrayBuffer>> = []

  constructor(frameBytes: number) {
    this.frameBytes = frameBytes
  }

  /** Not cleared. `bytes` is at most a frame. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const used = bytes === this.frameBytes ? this.spare.pop() : undefined
    return used ?? new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  }

  /** Nobody may look at it any more. What is not kept is free at once: garbage would not be in the budget. */
  give(page: Uint8Array<ArrayBuffer>): void {
    if (page.length === this.frameBytes && this.spare.length < spareMax) this.spare.push(page)
    else page.buffer.transfer(0)
  }
}

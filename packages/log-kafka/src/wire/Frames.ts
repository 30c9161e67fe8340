/**
 * Puts answers together as they come from a socket, each in one piece of memory: kafkajs 2.2.4 would have each in as
 * many pieces as there are reads, and then copy all of it into new memory, which the collector then has to find.
 */
import { largeBytes, takeMemory } from "./LargeMemory.ts"

const lengthBytes = 4
/** What says that it is longer is passed on as it comes: it may be no answer of Kafka's at all. */
const maxGatheredBytes = 16 * 1_048_576

export class Frames {
  private whole: Array<Buffer> = []
  private readonly head = Buffer.alloc(lengthBytes)
  private headEnd = 0
  private frame: Buffer | undefined
  private end = 0
  /** Of an answer that is passed on as it comes. */
  private passing = 0

  /**
   * Answers that are whole now, each with its length before it. The bytes are the caller's again: nobody looks at an
   * answer before all of them are copied.
   */
  push(bytes: Buffer): ReadonlyArray<Buffer> {
    let rest = bytes
    while (rest.length > 0) {
      if (this.passing > 0) rest = this.pass(rest)
      else if (this.frame === undefined) rest = this.begin(rest)
      else rest = this.gather(this.frame, rest)
    }
    const { whole } = this
    this.whole = []
    return whole
  }

  private begin(bytes: Buffer): Buffer {
    const taken = bytes.copy(this.head, this.headEnd)
    this.headEnd += taken
    if (this.headEnd < lengthBytes) return bytes.subarray(taken)
    this.headEnd = 0
    const length = this.head.readInt32BE()
    if (length < 0 || length > maxGatheredBytes) {
      this.passing = length < 0 ? Infinity : length
      this.whole.push(Buffer.from(this.head))
      return bytes.subarray(taken)
    }
    const size = lengthBytes + length
    this.frame = size < largeBytes ? Buffer.allocUnsafeSlow(size) : takeMemory(size)
    this.end = this.head.copy(this.frame)
    if (length === 0) this.finish(this.frame)
    return bytes.subarray(taken)
  }

  private gather(frame: Buffer, bytes: Buffer): Buffer {
    const taken = bytes.copy(frame, this.end)
    this.end += taken
    if (this.end === frame.length) this.finish(frame)
    return bytes.subarray(taken)
  }

  private finish(frame: Buffer): void {
    this.frame = undefined
    this.whole.push(frame)
  }

  private pass(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, Math.min(bytes.length, this.passing))
    this.passing -= part.length
    this.whole.push(Buffer.from(part))
    return bytes.subarray(part.length)
  }
}

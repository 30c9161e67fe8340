/**
 * The pieces of a window's content, and which of them go to the spool or come back from it together: a file that is
 * opened for each costs more than what is written. It reads and writes nothing.
 */

/** A piece of content on its way: raw, then compressed in memory or in the spool. */
export interface Frame {
  raw: Uint8Array | null
  page: Uint8Array<ArrayBuffer> | null
  compressed: Uint8Array | null
  spooledAt: number
  compressedBytes: number
  /** The spool looks at `compressed`. */
  isWriting: boolean
}

export type CompressedFrame = Frame & { readonly compressed: Uint8Array }

const isCompressed = (frame: Frame): frame is CompressedFrame => frame.compressed !== null

/** What systems take in one write is 1,024 pieces. */
const framesAtOnce = 512

/** The first ones in memory that together hold `bytes`, or all that may be written at once. */
export const firstInMemory = (frames: ReadonlyArray<Frame>, bytes: number): ReadonlyArray<CompressedFrame> => {
  const compressed = frames.filter(isCompressed)
  let sum = 0
  const enough = compressed.findIndex((frame) => (sum += frame.compressedBytes) >= bytes)
  return compressed.slice(0, Math.min(framesAtOnce, enough < 0 ? framesAtOnce : enough + 1))
}

/** Content that is read or copied in one go. */
export interface Run {
  /** Index behind its last frame. */
  readonly end: number
  readonly bytes: number
}

/** From `first` on: one frame in memory, or all that lie in the spool one behind the other. */
export const runFrom = (frames: ReadonlyArray<Frame>, first: number): Run => {
  const begin = frames[first]
  let end = first + 1
  let bytes = begin?.compressedBytes ?? 0
  if (begin === undefined || begin.compressed !== null) return { end, bytes }
  for (let next = frames[end]; next?.compressed === null; next = frames[end]) {
    if (next.spooledAt !== begin.spooledAt + bytes) break
    bytes += next.compressedBytes
    end++
  }
  return { end, bytes }
}

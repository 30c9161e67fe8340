/**
 * Buffers for batches, which go to the worker and come back: allocating and collecting a megabyte for each costs more
 * than filling it.
 */

/** The largest batch: one record of 1 MiB with its newline. */
export const pooledBytes = 1_048_577

/** Kept when idle; more are made when needed and dropped afterwards. */
const maxSpare = 8

export interface BufferPool {
  take(): ArrayBuffer
  give(buffers: ReadonlyArray<ArrayBuffer>): void
}

export const makeBufferPool = (): BufferPool => {
  const spare: Array<ArrayBuffer> = []
  return {
    take: () => spare.pop() ?? new ArrayBuffer(pooledBytes),
    give: (buffers) => void spare.push(...buffers.slice(0, maxSpare - spare.length))
  }
}

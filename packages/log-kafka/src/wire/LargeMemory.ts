/**
 * Memory of large requests and answers, used again by the next ones: a reader of a backlog would otherwise leave a
 * gigabyte a second to the collector. Whoever is through with the bytes may give their memory back, and must not look
 * at them again; what nobody gives back is collected like anything else.
 */

/** What is smaller has memory of its own. */
export const largeBytes = 128 * 1024
const stepBytes = 256 * 1024
/** Kept at most while nobody needs it. */
const freeBytes = 12 * 1024 * 1024

/** Memory that this file has given out: nothing else is taken back. */
const ours = new WeakSet<ArrayBufferLike>()
const free: Array<Buffer> = []
let freeTotal = 0

const takeFree = (size: number): Buffer | undefined => {
  let best: Buffer | undefined
  for (const memory of free) {
    if (memory.length >= size && memory.length < (best?.length ?? Infinity)) best = memory
  }
  if (best === undefined) return undefined
  free.splice(free.indexOf(best), 1)
  freeTotal -= best.length
  return best
}

const make = (size: number): Buffer => {
  const memory = Buffer.allocUnsafeSlow(Math.ceil(size / stepBytes) * stepBytes)
  ours.add(memory.buffer)
  return memory
}

/** What is in it is left over from others. */
export const takeMemory = (size: number): Buffer => (takeFree(size) ?? make(size)).subarray(0, size)

/** Takes any slice of the memory; no slice of it may be read from now on. Other bytes are left alone. */
export const giveBackMemory = ({ buffer }: Uint8Array): void => {
  if (!ours.has(buffer) || freeTotal + buffer.byteLength > freeBytes) return
  if (free.some((memory) => memory.buffer === buffer)) return
  free.push(Buffer.from(buffer))
  freeTotal += buffer.byteLength
}

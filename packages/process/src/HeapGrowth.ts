/**
 * How far V8's heap may grow before all of it is collected. V8 by itself lets it grow to several times what lives in
 * it: with thousands of destinations that is hundreds of megabytes of garbage. A fixed small share, on the other hand,
 * makes a small process collect for every eight megabytes that pass through its buffers, which cost a fifth of its CPU.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8"

/** A large heap grows by so much of what lives, in percent … */
const leastPercent = 40

/** … and a small one by so many bytes. */
const leastBytes = 20 * 1024 * 1024

/** … which is never more than this. */
const mostPercent = 400

/** Looked at again when so much time has passed: V8 takes the share that holds when a collection has ended. */
const everyMillis = 2_000

/** Percent of what lives. */
export const heapGrowth = (livingBytes: number): number =>
  Math.min(mostPercent, Math.max(leastPercent, Math.ceil((100 * leastBytes) / Math.max(1, livingBytes))))

const set = (): void => {
  setFlagsFromString(`--heap-growing-percent=${heapGrowth(getHeapStatistics().used_heap_size)}`)
}

/** For the rest of the process; does not keep it alive. */
export const limitHeapGrowth = (): void => {
  set()
  setInterval(set, everyMillis).unref()
}

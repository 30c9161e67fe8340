/** Seeded randomness for tests that only the seed and the machine decide: a failure prints the seed. */

export interface Lots {
  /** In [0, 1). */
  next(): number
  /** In [from, to). */
  between(from: number, to: number): number
  /** True in so many of 100 draws. */
  percent(share: number): boolean
}

/** Mulberry32: small, and good enough to draw lots. */
export const drawLots = (seed: number): Lots => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (from, to) => from + next() * (to - from),
    percent: (share) => next() * 100 < share
  }
}

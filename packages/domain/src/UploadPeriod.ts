/**
 * When upload periods end. Phases are spread by a hash of the destination, not all at :00; they hang on the wall clock
 * only at the start, so that a restart does not lengthen a period, and on the monotonic clock afterwards.
 */

/** FNV-1a, 32 bits: spreads ids; no more is asked of it. */
const hash = (text: string): number => {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return value
}

/**
 * Milliseconds from `wallMillis` to the end of the present period; in (0, period].
 *
 * @example
 * ```ts
 * untilPeriodEnd("dst_a", 60_000, 0) // => the phase of dst_a, below one minute
 * ```
 */
export const untilPeriodEnd = (destination: string, periodMillis: number, wallMillis: number): number => {
  const phase = hash(destination) % periodMillis
  const past = (wallMillis - phase) % periodMillis
  return periodMillis - (past < 0 ? past + periodMillis : past)
}

/** Retry arithmetic: how long a leg waits after a failed attempt, and between probes while it is suspended. */

export interface BackoffLimits {
  readonly baseMillis: number
  readonly capMillis: number
}

/** Doubles from base to cap. `failures` counts from 1. */
export const ceilingMillis = (limits: BackoffLimits, failures: number): number =>
  Math.min(limits.capMillis, limits.baseMillis * 2 ** Math.min(failures - 1, 40))

/**
 * Full jitter: a random share of the ceiling, but never before the `Retry-After` of the answer.
 *
 * @param random in [0, 1)
 */
export const delayMillis = (
  limits: BackoffLimits,
  failure: { readonly failures: number; readonly retryAfterMillis: number | null },
  random: number
): number =>
  Math.max(
    Math.round(ceilingMillis(limits, failure.failures) * random),
    Math.min(failure.retryAfterMillis ?? 0, limits.capMillis)
  )

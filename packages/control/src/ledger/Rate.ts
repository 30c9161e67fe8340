/** Exponentially weighted rates of what comes in bursts. Pure arithmetic; the sum over time is kept. */

/** Amounts per second at `at`. Times are epoch milliseconds. */
export interface Rate {
  readonly perSecond: number
  readonly at: number
}

/** After this time a burst counts 1/e of what it did. Several upload periods of the default length. */
export const rateConstantMillis = 300_000

export const noRate: Rate = { perSecond: 0, at: 0 }

/**
 * The rate at a later time; clocks that jump back do not make it grow.
 *
 * @example
 * ```ts
 * rateAt({ perSecond: 10, at: 0 }, rateConstantMillis) // => 10 / e
 * ```
 */
export const rateAt = (rate: Rate, now: number): number =>
  rate.perSecond * Math.exp(-Math.max(0, now - rate.at) / rateConstantMillis)

export const addToRate = (rate: Rate, amount: number, now: number): Rate => ({
  perSecond: rateAt(rate, now) + amount / (rateConstantMillis / 1000),
  at: Math.max(now, rate.at)
})

/**
 * How many requests a leg has under way at once: one more after each round of accepted answers while these do not slow
 * down, half when something fails, when the destination asks for less, or when answers take far longer than they did.
 * A round is as many answers as may be under way. Pure.
 */

export interface InFlight {
  /** So many at most. */
  readonly limit: number
  /** Answers of the present round, and what they took together. */
  readonly answers: number
  readonly millis: number
  /** What an answer takes when nothing is in its way; null while unknown. Rises slowly, for destinations change. */
  readonly usualMillis: number | null
}

export const oneInFlight: InFlight = { limit: 1, answers: 0, millis: 0, usualMillis: null }

/** Answers of a round are as fast as usual up to so many times the usual time, and so many milliseconds more. */
const steadyFactor = 1.5
/** From here on they queue up. */
const queuedFactor = 3
const toleranceMillis = 20
/** By which the usual time rises with each round that is slower. */
const leak = 1.05

const begun = (limit: number, usualMillis: number | null): InFlight => ({ limit, answers: 0, millis: 0, usualMillis })

/** A failure, or a wish for less. */
export const fewer = ({ limit, usualMillis }: InFlight): InFlight =>
  begun(Math.max(1, Math.floor(limit / 2)), usualMillis)

/**
 * A full request was accepted after `millis`.
 *
 * @param most what the destination takes at once
 */
export const accepted = (state: InFlight, millis: number, most: number): InFlight => {
  const answers = state.answers + 1
  const sum = state.millis + millis
  if (answers < state.limit) return { ...state, answers, millis: sum }
  const mean = sum / answers
  const usual = Math.min(mean, (state.usualMillis ?? mean) * leak)
  if (mean > usual * queuedFactor + toleranceMillis) return fewer(begun(state.limit, usual))
  const isSteady = mean <= usual * steadyFactor + toleranceMillis
  return begun(isSteady ? Math.min(most, state.limit + 1) : Math.min(most, state.limit), usual)
}

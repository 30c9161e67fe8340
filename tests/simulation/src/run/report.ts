/** What many runs have met and found, as text for a person. */
import type { Outcome } from "./simulate.ts"

export const countsOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const outcome of outcomes) {
    for (const [name, count] of outcome.counts) counts.set(name, (counts.get(name) ?? 0) + count)
  }
  return counts
}

export const countsText = (counts: ReadonlyMap<string, number>): string =>
  [...counts].sort(([a], [b]) => a < b ? -1 : 1).map(([name, count]) => `${`${count}`.padStart(8)}  ${name}`).join("\n")

/** How many violations of one seed are shown. */
const shownMax = 5

/** One seed that failed, and how to run it again with its trace. */
export const failureText = ({ seed, violations }: Outcome): string => {
  const shown = violations.slice(0, shownMax).map(({ invariant, what }) => `  ${invariant}: ${what}`)
  const more = violations.length > shownMax ? [`  and ${violations.length - shownMax} more`] : []
  const again = `  again, with its trace: SEED=${seed} npm run simulate (in tests/simulation)`
  return [`seed ${seed}`, ...shown, ...more, again].join("\n")
}

export const failuresOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<Outcome> =>
  outcomes.filter(({ violations }) => violations.length > 0)

/**
 * Whether refused records are poison, to be put aside, or a sign that the destination is not set up for these records:
 * then nothing more is put aside. More than 20 in a row, or more than 5 % of the last 1,000, are no poison. Pure.
 */

/** Outcomes that follow one another and are alike. */
interface Run {
  readonly refused: boolean
  readonly count: number
}

/** Outcomes of the last records, oldest first. */
export interface Refusals {
  readonly recent: ReadonlyArray<Run>
  /** It was too many before, and nothing was delivered since: whoever is refused now is no poison either. */
  readonly strict: boolean
}

export const noRefusals: Refusals = { recent: [], strict: false }

/** Limits of DESIGN's rule 10. */
export const refusedInRowMax = 20
export const recentMax = 1000
export const refusedRecentMax = 50

/** The last `recentMax` outcomes. */
const newest = (runs: ReadonlyArray<Run>): ReadonlyArray<Run> => {
  let room = recentMax
  const kept: Array<Run> = []
  for (const run of runs.toReversed()) {
    const count = Math.min(room, run.count)
    if (count > 0) kept.unshift({ ...run, count })
    room -= count
  }
  return kept
}

const append = (recent: ReadonlyArray<Run>, run: Run): ReadonlyArray<Run> => {
  const last = recent.at(-1)
  if (run.count === 0) return recent
  if (last?.refused !== run.refused) return newest([...recent, run])
  return newest([...recent.slice(0, -1), { ...run, count: last.count + run.count }])
}

/** `count` records were taken, one after the other. */
export const notRefused = ({ recent, strict }: Refusals, count: number): Refusals => ({
  recent: append(recent, { refused: false, count }),
  strict: strict && count === 0
})

const sum = (recent: ReadonlyArray<Run>): number =>
  recent.reduce((total, { count, refused }) => refused ? total + count : total, 0)

/** Why it is too many; undefined if it is not. */
const excess = ({ recent }: Refusals): string | undefined => {
  const inRow = recent.at(-1)?.count ?? 0
  if (inRow > refusedInRowMax) return `more than ${refusedInRowMax} records in a row are refused`
  return sum(recent) > refusedRecentMax
    ? `more than ${refusedRecentMax} of the last ${recentMax} records are refused`
    : undefined
}

/** One record was refused. `tooMany`: why it is no poison; null while it is. */
export const refusedOne = (before: Refusals): { readonly refusals: Refusals; readonly tooMany: string | null } => {
  const refusals = { ...before, recent: append(before.recent, { refused: true, count: 1 }) }
  const tooMany = excess(refusals)
  if (tooMany === undefined) return { refusals, tooMany: null }
  return { refusals: { recent: [], strict: true }, tooMany }
}

/**
 * The outcomes of one request with `count` records, of which those at `refused` (rising) were refused.
 *
 * @returns `tooMany`: why they are no poison; then none of them may be put aside
 */
export const judgeRefusals = (
  before: Refusals,
  count: number,
  refused: ReadonlyArray<number>
): { readonly refusals: Refusals; readonly tooMany: string | null } => {
  let refusals = before
  let next = 0
  for (const index of refused) {
    const judged = refusedOne(notRefused(refusals, index - next))
    if (judged.tooMany !== null) return judged
    refusals = judged.refusals
    next = index + 1
  }
  return { refusals: notRefused(refusals, count - next), tooMany: null }
}

/** The records of a run as one destination gets them: rules on top of the verdicts that hold for everybody. */
import type { Run } from "../gather/copy.ts"
import type { Checked } from "../read/Checked.ts"
import type { VersionRules } from "./RuleBook.ts"

const valueOf = ({ chunk, replaced }: Checked, index: number): Uint8Array => {
  const start = chunk.starts[index] ?? 0
  return replaced.get(index) ?? chunk.bytes.subarray(start, start + Math.max(0, chunk.lengths[index] ?? 0))
}

/**
 * The run with `dropped`, `replaced` and `refused` as the rules have it; records that `isRefused` tells of are not
 * looked at. Without rules the very same run.
 */
export const ruled = (rules: VersionRules | null, run: Run, isRefused: (index: number) => boolean): Run => {
  if (rules === null) return run
  const { checked, end, from } = run
  const replaced = new Map(checked.replaced)
  const refused = new Map(checked.refused)
  const dropped = new Set<number>()
  for (let index = from; index < end; index++) {
    if (isRefused(index)) continue
    const value = valueOf(checked, index)
    const ruling = rules.rule(value)
    if (ruling === null) dropped.add(index)
    else if (typeof ruling === "string") refused.set(index, ruling)
    else if (ruling !== value) replaced.set(index, ruling)
  }
  return { from, end, checked: { chunk: checked.chunk, replaced, refused, dropped } }
}

/** The first record from `from` on that is not filtered, or `end`. */
export const firstKept = ({ checked: { dropped }, end, from }: Run): number => {
  let index = from
  while (index < end && dropped.has(index)) index++
  return index
}

/** How many of the records before `end` are filtered. */
export const filteredBefore = ({ checked: { dropped } }: Run, end: number): number => {
  if (dropped.size === 0) return 0
  let count = 0
  for (const index of dropped) if (index < end) count++
  return count
}

/** What one stage of `npm test` found, counted and by name. Not for how it found it: see Stages.ts. */

/** One test, or one check of one package. `detail` says why it failed; a skipped one's reason is in its name. */
export interface Outcome {
  readonly name: string
  readonly status: "passed" | "failed" | "skipped"
  readonly detail?: string
}

export interface StageReport {
  readonly stage: string
  readonly seconds: number
  readonly outcomes: ReadonlyArray<Outcome>
}

export const count = (outcomes: ReadonlyArray<Outcome>, status: Outcome["status"]): number =>
  outcomes.filter((outcome) => outcome.status === status).length

/** The last line of every run, read by machines: `12 passed, 0 failed`, with `, 3 skipped` only if some were. */
export function totals(outcomes: ReadonlyArray<Outcome>): string {
  const skipped = count(outcomes, "skipped")
  const line = `${count(outcomes, "passed")} passed, ${count(outcomes, "failed")} failed`
  return skipped === 0 ? line : `${line}, ${skipped} skipped`
}

/** Where everything is required (continuous integration) a test that did not run has not passed. */
export const requiringAll = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<Outcome> =>
  outcomes.map((outcome) =>
    outcome.status === "skipped"
      ? { ...outcome, status: "failed", detail: "skipped, but everything is required" }
      : outcome
  )

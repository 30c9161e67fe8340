/**
 * `npm test`: every stage, or those named (`npm test -- format unit`); then what failed, what was skipped and why, and
 * the totals as the last line. With TAILRACE_REQUIRE_ALL=1 a skipped test counts as failed.
 */
import path from "node:path"
import { count, type Outcome, requiringAll, type StageReport, totals } from "./test/Outcome.ts"
import { type Stage, stages } from "./test/Stages.ts"

const root = path.dirname(import.meta.dirname)
// The runner is plain Node, so that it can report on code that does not even compile.
// @effect-diagnostics-next-line processEnv:off
const requireAll = process.env["TAILRACE_REQUIRE_ALL"] === "1"
const say = (text: string) => process.stdout.write(`${text}\n`)

function selected(names: ReadonlyArray<string>): ReadonlyArray<Stage> {
  const known = stages.map((stage) => stage.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    say(`no stage ${unknown.join(", ")}; there are ${known.join(", ")}`)
    process.exit(2)
  }
  return names.length === 0 ? stages : stages.filter((stage) => names.includes(stage.name))
}

async function runStage(stage: Stage): Promise<StageReport> {
  say(`\n── ${stage.name}`)
  const started = performance.now()
  const found = await stage.run(root)
  const outcomes = requireAll ? requiringAll(found) : found
  const seconds = (performance.now() - started) / 1_000
  say(`${count(outcomes, "failed") === 0 ? "✓" : "✗"} ${stage.name}: ${totals(outcomes)} (${seconds.toFixed(1)} s)`)
  return { stage: stage.name, seconds, outcomes }
}

function list(title: string, outcomes: ReadonlyArray<Outcome>) {
  if (outcomes.length === 0) return
  say(`\n${title}`)
  for (const { detail, name } of outcomes) {
    const reason = detail?.split("\n").find((line) => line.trim() !== "")
    say(reason === undefined ? `  ${name}` : `  ${name}\n      ${reason.slice(0, 300)}`)
  }
}

async function main(names: ReadonlyArray<string>) {
  const reports: Array<StageReport> = []
  for (const stage of selected(names)) reports.push(await runStage(stage))
  const outcomes = reports.flatMap((report) => report.outcomes)
  const failed = outcomes.filter((outcome) => outcome.status === "failed")
  list("Skipped:", outcomes.filter((outcome) => outcome.status === "skipped"))
  list("Failed:", failed)
  say(`\n${totals(outcomes)}`)
  process.exitCode = failed.length === 0 ? 0 : 1
}

await main(process.argv.slice(2))

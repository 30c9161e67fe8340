/** Reads what vitest's JSON reporter wrote into a package's `.cache/vitest.json`. */
import fs from "node:fs"
import path from "node:path"
import type { Outcome } from "./Outcome.ts"

interface VitestReport {
  readonly testResults: ReadonlyArray<VitestFile>
}

interface VitestFile {
  readonly name: string
  readonly status: string
  readonly message: string
  readonly assertionResults: ReadonlyArray<VitestTest>
}

interface VitestTest {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: ReadonlyArray<string> | null
}

const reportFile = (folder: string) => path.join(folder, ".cache", "vitest.json")

/** So that an old report is never taken for a new one. */
export const removeReport = (folder: string): void => fs.rmSync(reportFile(folder), { force: true })

/** `exitCode` is vitest's own, if known: a run that failed outside of any test (an unhandled error) has failed too. */
export function readReport(folder: string, label: string, exitCode = 0): ReadonlyArray<Outcome> {
  if (!fs.existsSync(reportFile(folder))) {
    return [{ name: label, status: "failed", detail: "vitest did not get as far as a report" }]
  }
  const report: VitestReport = JSON.parse(fs.readFileSync(reportFile(folder), "utf8"))
  const outcomes = report.testResults.flatMap((file) => fromFile(file, folder, label))
  const unexplained = exitCode !== 0 && outcomes.every((outcome) => outcome.status !== "failed")
  return unexplained
    ? [...outcomes, { name: label, status: "failed", detail: `vitest ended with ${exitCode}` }]
    : outcomes
}

function fromFile(file: VitestFile, folder: string, label: string): ReadonlyArray<Outcome> {
  const prefix = `${label} ${path.relative(folder, file.name)}`
  const outcomes = file.assertionResults.map((test) => fromTest(test, prefix))
  const unexplained = file.status === "failed" && outcomes.every((outcome) => outcome.status !== "failed")
  return unexplained ? [...outcomes, { name: prefix, status: "failed", detail: file.message }] : outcomes
}

function fromTest(test: VitestTest, prefix: string): Outcome {
  const name = `${prefix} › ${test.fullName}`
  if (test.status === "passed") return { name, status: "passed" }
  if (test.status === "failed") return { name, status: "failed", detail: test.failureMessages?.[0] ?? "" }
  return { name, status: "skipped" }
}

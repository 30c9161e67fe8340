/** What vitest reports becomes what the last line says; nothing that failed or was skipped gets lost on the way. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { type Outcome, requiringAll, totals } from "../../../scripts/test/Outcome.ts"
import { readReport, removeReport } from "../../../scripts/test/Vitest.ts"

const outcomes: ReadonlyArray<Outcome> = [
  { name: "a", status: "passed" },
  { name: "b", status: "passed" },
  { name: "c", status: "skipped" }
]

describe("totals", () => {
  it("plain", () => assert.strictEqual(totals(outcomes.slice(0, 2)), "2 passed, 0 failed"))
  it("skipped", () => assert.strictEqual(totals(outcomes), "2 passed, 0 failed, 1 skipped"))
  it("everything required", () => assert.strictEqual(totals(requiringAll(outcomes)), "2 passed, 1 failed"))
})

let folder = ""

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "tailrace-counting-"))
  fs.mkdirSync(path.join(folder, ".cache"))
})

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const test = (status: string) => ({ fullName: `is ${status}`, status, failureMessages: [] })

function report(files: ReadonlyArray<object>, exitCode = 0): string {
  const testResults = files.map((file) => ({ name: path.join(folder, "A.test.ts"), message: "no parse", ...file }))
  fs.writeFileSync(path.join(folder, ".cache/vitest.json"), JSON.stringify({ testResults }))
  return totals(readReport(folder, "a", exitCode))
}

describe("a report", () => {
  it("statuses", () => {
    const assertionResults = ["passed", "failed", "skipped", "pending", "todo", "disabled"].map(test)
    assert.strictEqual(report([{ status: "failed", assertionResults }], 1), "1 passed, 1 failed, 4 skipped")
  })

  it("a file that does not load", () =>
    assert.strictEqual(report([{ status: "failed", assertionResults: [] }], 1), "0 passed, 1 failed"))

  it("an error outside of tests", () =>
    assert.strictEqual(report([{ status: "passed", assertionResults: [test("passed")] }], 1), "1 passed, 1 failed"))

  it("no report", () => {
    report([])
    removeReport(folder)
    assert.strictEqual(totals(readReport(folder, "a")), "0 passed, 1 failed")
  })
})

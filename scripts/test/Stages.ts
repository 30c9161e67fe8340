/**
 * The stages of `npm test`, in order: what is quick and often wrong comes first, what must run alone comes last.
 * A stage's outcomes are tests, or one check per package.
 */
import fs from "node:fs"
import path from "node:path"
import type { Outcome } from "./Outcome.ts"
import { type Command, run } from "./Process.ts"
import { type PackageRun, runTurbo, type TurboTask } from "./Turbo.ts"
import { readReport, removeReport } from "./Vitest.ts"

export interface Stage {
  readonly name: string
  readonly run: (root: string) => Promise<ReadonlyArray<Outcome>>
}

/** Packages that need nothing but themselves; those of `tests/` have stages of their own. */
const unitFilters = ["./packages/*", "./apps/*"]
const allFilters = [...unitFilters, "./tests/*"]

export const stages: ReadonlyArray<Stage> = [
  { name: "format", run: program("format", "dprint", ["check"]) },
  { name: "lint", run: program("lint", "oxlint", ["--type-aware", "--deny-warnings"]) },
  { name: "diagnostics", run: perPackage({ task: "diagnostics", filters: allFilters }) },
  { name: "check", run: perPackage({ task: "check", filters: allFilters }) },
  { name: "tidy", run: tests({ filters: ["@tailrace/test-tidy", "@tailrace/test-toolchain"] }) },
  { name: "unit", run: tests({ filters: unitFilters }) },
  { name: "simulation", run: tests({ filters: ["@tailrace/test-simulation"], live: true }) },
  { name: "integration", run: vitest("tests/integration", ["--exclude", "**/*.paced.test.ts"]) },
  { name: "paced", run: vitest("tests/integration", [".paced.test.ts", "--no-file-parallelism"]) }
]

function failure(name: string, output: string): Outcome {
  process.stdout.write(output)
  return { name, status: "failed", detail: "its output is above" }
}

function program(name: string, tool: string, args: ReadonlyArray<string>): Stage["run"] {
  return async (root) => {
    const { code, output } = await run({ program: tool, args, cwd: root })
    return code === 0 ? [{ name, status: "passed" }] : [failure(name, output)]
  }
}

type Selection = Omit<TurboTask, "root" | "task">

function perPackage(task: Omit<TurboTask, "root">): Stage["run"] {
  return async (root) => {
    const { finished, packages } = await runTurbo({ root, ...task })
    if (packages.length === 0) return [failure(task.task, finished.output)]
    if (finished.code !== 0) process.stdout.write(finished.output)
    return packages.map((found) => ofPackage(task.task, found))
  }
}

function ofPackage(task: string, { exitCode, name }: PackageRun): Outcome {
  if (exitCode === 0) return { name: `${task} ${name}`, status: "passed" }
  return { name: `${task} ${name}`, status: "failed", detail: exitCode === undefined ? "it was not run" : "see above" }
}

function tests(selection: Selection): Stage["run"] {
  return async (root) => {
    for (const folder of workspaceFolders(root)) removeReport(folder)
    const { finished, packages } = await runTurbo({ root, task: "test", ...selection })
    if (packages.length === 0) return [failure("test", finished.output)]
    if (finished.code !== 0 && selection.live !== true) process.stdout.write(finished.output)
    return packages.flatMap((found) => readReport(found.folder, found.name, found.exitCode ?? 1))
  }
}

/** Without turbo, so that it always runs: these tests depend on more than files. */
function vitest(folder: string, args: ReadonlyArray<string>): Stage["run"] {
  return async (root) => {
    const cwd = path.join(root, folder)
    removeReport(cwd)
    const command: Command = { program: "vitest", args: ["run", ...args], cwd, live: true }
    const { code } = await run(command)
    return readReport(cwd, folder, code)
  }
}

function workspaceFolders(root: string): ReadonlyArray<string> {
  return ["packages", "apps", "tests"].flatMap((top) =>
    fs.readdirSync(path.join(root, top)).map((entry) => path.join(root, top, entry))
  )
}

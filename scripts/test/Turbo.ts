/** Runs one task of all packages through turbo, which replays what did not change, and reads how each package fared. */
import fs from "node:fs"
import path from "node:path"
import { type Finished, run } from "./Process.ts"

/** One package's part of a task; `exitCode` is absent if turbo never came to it. */
export interface PackageRun {
  readonly name: string
  readonly folder: string
  readonly exitCode: number | undefined
}

export interface TurboRun {
  readonly finished: Finished
  readonly packages: ReadonlyArray<PackageRun>
}

interface Summary {
  readonly tasks: ReadonlyArray<{
    readonly task: string
    readonly package: string
    readonly directory: string
    readonly command: string
    readonly cache: { readonly status: string }
    readonly execution?: { readonly exitCode: number | null }
  }>
}

export interface TurboTask {
  readonly root: string
  readonly task: string
  readonly filters: ReadonlyArray<string>
  readonly live?: boolean
}

export async function runTurbo(options: TurboTask): Promise<TurboRun> {
  const logs = options.live === true ? "full" : "errors-only"
  const filters = options.filters.map((filter) => `--filter=${filter}`)
  const flags = ["--continue=always", "--concurrency=2", "--summarize", `--output-logs=${logs}`, "--log-order=grouped"]
  const runs = path.join(options.root, ".turbo", "runs")
  fs.rmSync(runs, { recursive: true, force: true })
  const command = { program: "turbo", args: ["run", options.task, ...filters, ...flags], cwd: options.root }
  const finished = await run({ ...command, live: options.live === true })
  return { finished, packages: readSummary(runs, options) }
}

function readSummary(runs: string, { root, task }: TurboTask): ReadonlyArray<PackageRun> {
  const files = fs.existsSync(runs) ? fs.readdirSync(runs) : []
  return files
    .map((file): Summary => JSON.parse(fs.readFileSync(path.join(runs, file), "utf8")))
    .flatMap((summary) => summary.tasks)
    .filter((entry) => entry.task === task && entry.command !== "<NONEXISTENT>")
    .map((entry) => ({
      name: entry.package,
      folder: path.join(root, entry.directory),
      exitCode: entry.cache.status === "HIT" ? 0 : (entry.execution?.exitCode ?? undefined)
    }))
}

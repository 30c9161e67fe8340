/** Adapter: apps packed by `npm run pack`, started where nothing of this repository is: only Node is on the PATH. */
import { Effect } from "effect"
import { execFile, spawn } from "node:child_process"
import { mkdir, symlink } from "node:fs/promises"
import path from "node:path"
import process from "node:process"
import { promisify } from "node:util"
import { root, supervise } from "./Program.ts"
import type { Settings } from "./Tailrace.ts"

export const packable = ["tailrace", "control", "ingest", "delivery", "cli"] as const
export type Packable = typeof packable[number]

const runFile = promisify(execFile)

/** Folder in which the apps lie by name, beside `bin`, in which Node lies alone. */
export const packAll = async (folder: string): Promise<void> => {
  await mkdir(path.join(folder, "bin"))
  await symlink(process.execPath, path.join(folder, "bin", "node"))
  for (const app of packable) {
    await runFile(process.execPath, [path.join(root, "scripts/pack.mjs"), app, path.join(folder, app)])
  }
}

interface PackedStart {
  readonly args?: ReadonlyArray<string>
  readonly env?: Settings
}

/** Killed when the scope closes. The working directory is another one, and nothing is inherited. */
export const startPacked = (folder: string, app: Packable, { args = [], env = {} }: PackedStart = {}) =>
  supervise(() =>
    spawn(path.join(folder, app, "start"), [...args], {
      cwd: path.parse(folder).root,
      env: { PATH: path.join(folder, "bin"), ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
  )

/** Runs it to its end. */
export const runPacked = (folder: string, app: Packable, more?: PackedStart) =>
  Effect.scoped(Effect.flatMap(startPacked(folder, app, more), ({ ended }) => ended))

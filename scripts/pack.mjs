/**
 * Packs one app into a folder that runs elsewhere: `npm run pack -- APP DIR`. The folder needs nothing but Node 24 of
 * the same platform; it is started with `DIR/start`, or as that file does it. Builds what changed since the last time.
 */
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** Names of their packages. */
const apps = {
  tailrace: "@tailrace/tailrace",
  control: "@tailrace/app-control",
  ingest: "@tailrace/app-ingest",
  delivery: "@tailrace/app-delivery",
  cli: "@tailrace/cli"
}

class Failure extends Error {}

/** As `scripts/bootstrap.mjs` starts it: a small nursery. Only the shell itself is needed, no program of the PATH. */
const startFile = `#!/bin/sh
# Starts this app, wherever the folder lies, with the Node of the PATH.
exec node --max-semi-space-size=4 --disable-warning=ExperimentalWarning "\${0%/*}/dist/main.js" "$@"
`

function targetOf([app, folder, ...rest]) {
  if (!Object.hasOwn(apps, app ?? "") || folder === undefined || rest.length > 0) {
    throw new Failure(`usage: npm run pack -- ${Object.keys(apps).join("|")} DIR`)
  }
  const target = path.resolve(folder)
  if (fs.existsSync(target) && fs.readdirSync(target).length > 0) throw new Failure(`${target} is not empty`)
  return { name: apps[app], target }
}

/** Its output is shown only when it fails. */
function run(program, ...args) {
  const { error, status, stderr, stdout } = spawnSync(program, args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26
  })
  if (error !== undefined) throw new Failure(`${program} does not run: ${error.message}`)
  if (status !== 0) throw new Failure(`${program} ${args[0]} failed:\n${stdout}${stderr}`)
}

try {
  const { name, target } = targetOf(process.argv.slice(2))
  run("turbo", "run", "build", `--filter=${name}`, "--output-logs=errors-only")
  // What the lockfile names was examined when it was made; asking again would need a network.
  run("pnpm", `--filter=${name}`, "--prefer-offline", "--config.trustLockfile=true", "deploy", "--prod", target)
  fs.writeFileSync(path.join(target, "start"), startFile, { mode: 0o755 })
  process.stderr.write(`tailrace: ${target} is ready; start it with ${path.join(target, "start")}\n`)
} catch (error) {
  process.stderr.write(`tailrace: ${error instanceof Failure ? error.message : error.stack}\n`)
  process.exitCode = 1
}

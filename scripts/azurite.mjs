// Installs Azurite, the Blob Storage server of the integration tests, into .cache/ (npm) and prints the path of what
// starts it. It is no dependency of the workspace: with its 380 packages it would be most of every installation.
// Safe to run several times at once: each run installs for itself, and the rename decides.
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"

const version = "3.37.0"
const cache = path.join(path.dirname(import.meta.dirname), ".cache")
const home = path.join(cache, `azurite-${version}`)

/** Settings of the package manager that runs this would be npm's, too; those that say where the registry is are. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || /_(registry|proxy|cafile|ca)$/i.test(name))
)

function install() {
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(path.join(cache, "azurite-"))
  writeFileSync(path.join(staging, "package.json"), JSON.stringify({ private: true }))
  const flags = ["--prefix", staging, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
  execFileSync("npm", ["install", ...flags, `azurite@${version}`], {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"]
  })
  try {
    renameSync(staging, home)
  } catch {
    // Another run was faster: its packages are as good.
    rmSync(staging, { recursive: true, force: true })
  }
}

if (!existsSync(home)) install()
console.log(path.join(home, "node_modules/azurite/dist/src/blob/main.js"))

// Installs fake-gcs-server, the Cloud Storage server of the integration tests, into .cache/ (needs Go) and prints the
// binary's path.
// Safe to run several times at once: each run builds for itself, and the rename decides.
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import path from "node:path"

const version = "1.56.1"
const cache = path.join(path.dirname(import.meta.dirname), ".cache")
const home = path.join(cache, `fake-gcs-server-${version}`)
const binary = path.join(home, "fake-gcs-server")

function build() {
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(path.join(cache, "fake-gcs-server-"))
  execFileSync("go", ["install", `github.com/fsouza/fake-gcs-server@v${version}`], {
    env: { ...process.env, GOBIN: staging, CGO_ENABLED: "0" },
    stdio: ["ignore", "ignore", "inherit"]
  })
  try {
    renameSync(staging, home)
  } catch {
    // Another run was faster: its binary is as good.
    rmSync(staging, { recursive: true, force: true })
  }
}

if (!existsSync(binary)) build()
console.log(binary)

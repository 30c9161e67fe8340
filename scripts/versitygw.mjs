// Installs versitygw, the S3 server of the integration tests, into .cache/ (needs Go) and prints the binary's path.
// Safe to run several times at once: each run builds for itself, and the rename decides.
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs"
import path from "node:path"

const version = "1.7.0"
const cache = path.join(path.dirname(import.meta.dirname), ".cache")
const home = path.join(cache, `versitygw-${version}`)
const binary = path.join(home, "versitygw")

function build() {
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(path.join(cache, "versitygw-"))
  execFileSync("go", ["install", `github.com/versity/versitygw/cmd/versitygw@v${version}`], {
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

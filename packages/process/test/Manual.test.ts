// The operations manual names no setting that there is not, and its units are such that systemd takes them.
import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import process from "node:process"
import { usualListen } from "../src/settings/App.ts"
import { allSettings } from "../src/settings/Settings.ts"

const operations = path.resolve(import.meta.dirname, "../../../docs/operations")
const units = path.join(operations, "systemd")
const filesIn = (folder: string) =>
  readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) =>
    path.join(folder, name)
  )

/** Of the command line, which declares its own. */
const ofClient = [
  "TAILRACE_URL",
  "TAILRACE_KEY",
  "TAILRACE_TAILNET",
  "TAILRACE_TOKEN",
  "TAILRACE_S3_SECRET_ACCESS_KEY",
  "TAILRACE_GCS_CREDENTIALS",
  "TAILRACE_AZURE_SECRET"
]
const known = new Set([...ofClient, ...allSettings.map(({ name }) => name)])

const verify = (folder: string) =>
  spawnSync("systemd-analyze", ["verify", ...readdirSync(folder).map((name) => path.join(folder, name))], {
    encoding: "utf8",
    timeout: 20_000
  })

describe("the operations manual", () => {
  it.each([...filesIn(operations), ...filesIn(units)])("%s names settings that there are", (file) => {
    const names = readFileSync(file, "utf8").match(/\bTAILRACE_[A-Z_]*[A-Z]\b/g) ?? []
    assert.deepStrictEqual(names.filter((name) => !known.has(name)), [])
  })

  it("has a unit for each app that runs by itself", () => {
    const apps = Object.keys(usualListen).filter((app) => app !== "tailrace")
    const wanted = apps.map((app) => `tailrace-${app}@.service`).toSorted()
    assert.deepStrictEqual(readdirSync(units).filter((name) => name.endsWith(".service")).toSorted(), wanted)
    for (const app of apps) {
      const unit = readFileSync(path.join(units, `tailrace-${app}@.service`), "utf8")
      assert.include(unit, `/opt/tailrace/${app}/dist/main.js\n`)
      assert.include(unit, `EnvironmentFile=-/etc/tailrace/${app}@%i.env\n`)
    }
  })

  it("has units that systemd takes, where there is one to ask", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "tailrace-units-"))
    for (const file of filesIn(units).filter((name) => name.endsWith(".service"))) {
      const unit = readFileSync(file, "utf8").replace("/usr/bin/node", process.execPath)
      writeFileSync(path.join(folder, path.basename(file).replace("@.", "@1.")), unit)
    }
    const { error, output, status } = verify(folder)
    rmSync(folder, { recursive: true })
    if (error !== undefined) return
    assert.strictEqual(status, 0, output.join(""))
    assert.notInclude(output.join(""), folder)
  })
})

// The README's table of settings is the one that the declarations make.
import { assert, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { settingsTable } from "../src/settings/Settings.ts"

it("README lists every setting as declared", () => {
  const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8")
  const [, table] = /<!-- settings:.*?-->\n([\s\S]*?)<!-- \/settings -->/.exec(readme) ?? []
  assert.strictEqual(table?.trim(), settingsTable())
})

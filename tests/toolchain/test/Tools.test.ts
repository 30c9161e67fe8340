/** Each tool of `npm test`, with this repository's settings, is seen to fail on bad code and to pass on good code. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "../../..")
const read = (file: string) => fs.readFileSync(path.join(root, file), "utf8")

const good = `import { Effect } from "effect"

export const answer: Effect.Effect<number> = Effect.succeed(42)
`

const bad = {
  format: "export const answer = 'single';\n",
  lint: "const later = async () => 42\n\nexport const start = () => {\n  later()\n}\n",
  effect: `import { Effect } from "effect"

export const now = Effect.gen(function*() {
  Effect.log("lost")
  return new Date()
})
`,
  types: "const numbers: Array<number> = []\n\nexport const first: number = numbers[0]\n"
}

let folder = ""

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "tailrace-tidy-"))
  const base = path.join(root, "tsconfig.base.json")
  const plugin = path.join(root, "node_modules/@dprint/typescript/plugin.wasm")
  fs.symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"))
  fs.writeFileSync(path.join(folder, "package.json"), JSON.stringify({ type: "module" }))
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ extends: base, include: ["*.ts"] }))
  fs.writeFileSync(
    path.join(folder, "dprint.json"),
    JSON.stringify({ ...JSON.parse(read("dprint.json")), plugins: [plugin] })
  )
  fs.writeFileSync(path.join(folder, ".oxlintrc.json"), read(".oxlintrc.json"))
})

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const bin = (name: string) => path.join(root, "node_modules/.bin", name)

interface Verdict {
  readonly status: number | null
  readonly output: string
}

function verdict(code: string, [tool = "", ...args]: ReadonlyArray<string>): Verdict {
  fs.writeFileSync(path.join(folder, "code.ts"), code)
  const { status, stderr, stdout } = spawnSync(bin(tool), args, { cwd: folder, encoding: "utf8" })
  return { status, output: stdout + stderr }
}

interface Tool {
  readonly command: ReadonlyArray<string>
  readonly code: string
  readonly message: RegExp
}

const diagnostics = ["effect-tsgo", "diagnostics", "--project", "tsconfig.json", "--strict"]
const tools: ReadonlyArray<Tool> = [
  { command: ["dprint", "check"], code: bad.format, message: /code\.ts/ },
  {
    command: ["oxlint", "--type-aware", "--deny-warnings", "code.ts"],
    code: bad.lint,
    message: /no-floating-promises/
  },
  { command: diagnostics, code: bad.effect, message: /floatingEffect/ },
  { command: ["tsc", "--noEmit", "-p", "."], code: bad.types, message: /TS2322/ }
]

describe("every tool", () => {
  it.each(tools)("$command.0", ({ code, command, message }) => {
    const passed = verdict(good, command)
    assert.strictEqual(passed.status, 0, passed.output)
    const failed = verdict(code, command)
    assert.notStrictEqual(failed.status, 0)
    assert.match(failed.output, message)
  }, 60_000)
})

/** `scripts/bootstrap.mjs` in a small checkout of its own: what it sets up, how it hands over. No network. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"

const root = path.resolve(import.meta.dirname, "../../..")
let checkout = ""

/** Says what arrives, and ends a moment after the first signal, so that a second one would be seen. */
const app = `const keep = setInterval(() => {}, 1_000)
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    console.log(signal)
    setTimeout(() => process.exit(8), 300)
  })
}
console.log("ready", ...process.argv.slice(2))
if (process.argv[2] === "end") process.exit(7)
`

function write(file: string, text: string) {
  fs.mkdirSync(path.dirname(path.join(checkout, file)), { recursive: true })
  fs.writeFileSync(path.join(checkout, file), text)
}

beforeAll(() => {
  checkout = fs.mkdtempSync(path.join(os.tmpdir(), "tailrace-bootstrap-"))
  const { packageManager } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"))
  write("package.json", JSON.stringify({ private: true, type: "module", packageManager }))
  write("pnpm-workspace.yaml", "packages: []\npmOnFail: ignore\n")
  write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n")
  write("apps/tailrace/src/main.ts", app)
  for (const file of ["scripts/bootstrap.mjs", "scripts/lock.mjs"]) {
    write(file, fs.readFileSync(path.join(root, file), "utf8"))
  }
})

afterAll(() => fs.rmSync(checkout, { recursive: true, force: true }))

interface Run {
  readonly code: unknown
  readonly out: string
  readonly err: string
}

async function bootstrap(args: ReadonlyArray<string>, signals: ReadonlyArray<NodeJS.Signals> = []): Promise<Run> {
  const child = spawn(process.execPath, [path.join(checkout, "scripts/bootstrap.mjs"), ...args], { cwd: checkout })
  const said = { out: "", err: "" }
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (said.out === "") signals.forEach((signal, index) => setTimeout(() => child.kill(signal), index * 100))
    said.out += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.err += text)
  const [code] = await once(child, "close")
  return { code, ...said }
}

describe("bootstrap", () => {
  it("two first runs at once", async () => {
    const runs = await Promise.all([bootstrap(["start", "end", "1"]), bootstrap(["start", "end", "2"])])
    assert.deepStrictEqual(runs.map(({ out }) => out), ["ready end 1\n", "ready end 2\n"])
    assert.deepStrictEqual(runs.map(({ code }) => code), [7, 7])
    assert.strictEqual(runs.filter(({ err }) => err.includes("installing packages")).length, 1)
    assert.deepStrictEqual(fs.readdirSync(checkout).filter((name) => name.includes("lock-")), [])
  })

  it("a second run sets nothing up", async () =>
    assert.deepStrictEqual(await bootstrap(["start", "end"]), { code: 7, out: "ready end\n", err: "" }))

  it.each(["SIGINT", "SIGTERM"] as const)("%s arrives once", async (signal) => {
    const { code, out } = await bootstrap(["start"], [signal, signal])
    assert.deepStrictEqual({ code, out }, { code: 8, out: `ready\n${signal}\n` })
  })

  it("a changed manifest is installed again", async () => {
    write("pnpm-workspace.yaml", "packages: []\npmOnFail: ignore\n# changed\n")
    const { code, err } = await bootstrap(["start", "end"])
    assert.strictEqual(code, 7)
    assert.include(err, "installing packages")
  })

  it("a lock whose owner is dead", async () => {
    const dead = spawn("true")
    await once(dead, "close")
    write(".toolchain-lock", JSON.stringify({ host: os.hostname(), pid: dead.pid }))
    write("pnpm-workspace.yaml", "packages: []\npmOnFail: ignore\n# changed again\n")
    assert.strictEqual((await bootstrap(["start", "end"])).code, 7)
    assert.isFalse(fs.existsSync(path.join(checkout, ".toolchain-lock")))
  })

  it("a task that does not exist", async () => {
    const { code, err } = await bootstrap(["no-such-task"])
    assert.strictEqual(code, 1)
    assert.include(err, "no-such-task does not run")
  })
}, 120_000)

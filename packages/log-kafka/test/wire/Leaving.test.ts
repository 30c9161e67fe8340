import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("Leaving.ts", import.meta.url))

describe("a process that leaves its links", () => {
  const run = () =>
    spawnSync(process.execPath, ["--conditions=tailrace-src", "--expose-gc", program], {
      encoding: "utf8",
      timeout: 25_000
    })

  it("ends by itself, tells the terminal nothing, and has let go of a large answer", { timeout: 30_000 }, () => {
    const { signal, status, stderr, stdout } = run()
    assert.strictEqual(stderr, "")
    assert.strictEqual(signal, null)
    assert.strictEqual(status, 0)
    assert.match(stdout, /left\n$/)
    assert.isBelow(Number(/bytes (\d+)/.exec(stdout)?.[1]), 16 * 1_048_576)
  })
})

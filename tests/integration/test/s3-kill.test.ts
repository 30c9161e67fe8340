// Our own S3 server, killed while it takes objects: each is there as a whole with its metadata, or not at all.
import { assert, it } from "@effect/vitest"
import { ObjectStores } from "@tailrace/destinations"
import type { Answer } from "@tailrace/domain"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { readdir, stat } from "node:fs/promises"
import path from "node:path"
import { ours, secretAccessKey } from "../src/s3/S3ServerKind.ts"
import { bucketName, configFor, localStores, temporaryFolder } from "../src/s3/S3Site.ts"

const script = path.resolve(import.meta.dirname, "../src/s3/serve-ours.ts")

const startProcess = (folder: string) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly port: number; readonly kill: () => void }>((resume) => {
      const child = spawn(process.execPath, ["--conditions=tailrace-src", script, folder, bucketName], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      child.stdout.once("data", (line) =>
        resume(Effect.succeed({ port: Number(line), kill: () => child.kill("SIGKILL") })))
    }),
    ({ kill }) =>
      Effect.sync(kill)
  )

const size = 4 * 1024 * 1024
const keys = Array.from({ length: 24 }, (_, i) => `kill/${i % 7}/${i}`)

const put = Effect.fnUntraced(function*(port: number, key: string) {
  const store = yield* (yield* ObjectStores).open(configFor(`http://127.0.0.1:${port}`), secretAccessKey)
  const object = { key, body: new Uint8Array(size), contentType: "a/b", metadata: { seal: key }, onlyIfAbsent: true }
  return { key, answer: yield* store.put(object) }
})

it.live("kill -9 leaves whole objects only", () =>
  Effect.gen(function*() {
    const folder = yield* temporaryFolder
    const { kill, port } = yield* startProcess(folder)
    let count = 0
    const killAtFifth = ({ answer }: { readonly answer: Answer }) =>
      Effect.sync(() => {
        if (answer._tag === "Delivered" && ++count === 5) kill()
      })
    const answers = yield* Effect.forEach(
      keys,
      (key) => Effect.tap(put(port, key), killAtFifth),
      { concurrency: 6 }
    )
    const delivered = answers.filter(({ answer }) => answer._tag === "Delivered").map(({ key }) => key)
    assert.isAtLeast(delivered.length, 5)
    assert.isBelow(delivered.length, keys.length)

    const again = yield* ours.start({ folder, port: 0, buckets: [bucketName] })
    const store = yield* (yield* ObjectStores).open(configFor(again.url), secretAccessKey)
    for (const key of keys) {
      const found = yield* store.inspect(key)
      if (delivered.includes(key) || found._tag === "Found") {
        assert.deepStrictEqual(found, { _tag: "Found", seal: key })
        const stats = yield* Effect.promise(() => stat(path.join(folder, bucketName, key)))
        assert.strictEqual(stats.size, size)
      }
    }
    assert.deepStrictEqual(yield* Effect.promise(() => readdir(path.join(folder, ".s3/staged"))), [])
  }).pipe(Effect.provide(localStores)), 120_000)

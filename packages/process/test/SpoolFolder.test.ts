// Several processes share a data folder on Kafka: each spools by itself, and only the dead are cleared away.
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Layer } from "effect"
import { spawnSync } from "node:child_process"
import { hostname } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { spoolFolder } from "../src/delivering/SpoolFolder.ts"
import { Settings } from "../src/settings/Settings.ts"

const onKafka = { TAILRACE_KAFKA_BROKERS: "127.0.0.1:9092", TAILRACE_MASTER_KEY: "a".repeat(64) }

const folderWith = (env: Record<string, string>) =>
  spoolFolder.pipe(
    Effect.provide(
      Settings.layer("tailrace").pipe(
        Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
      ),
      { local: true }
    )
  )

/** A number that was a process's until a moment ago. */
const deadPid = Effect.sync(() => spawnSync(process.execPath, ["-e", ""]).pid)

it.effect("on Kafka: a folder for each process, those of the dead are removed", () =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const data = yield* files.makeTempDirectoryScoped()
    const env = { ...onKafka, TAILRACE_DATA: data }
    const named = (name: string) => join(data, "spool", name)
    const dead = named(`${hostname()}-${yield* deadPid}-0a`)
    const ourNumber = named(`${hostname()}-${process.pid}-0b`)
    const alive = named(`${hostname()}-${process.ppid}-0c`)
    const elsewhere = named("other-host-1-0d")
    for (const folder of [dead, ourNumber, alive, elsewhere]) yield* files.makeDirectory(folder, { recursive: true })
    const one = yield* folderWith(env)
    assert.notStrictEqual(one, yield* folderWith(env))
    assert.isTrue(one.startsWith(named(`${hostname()}-${process.pid}-`)))
    const left = yield* Effect.forEach([dead, ourNumber, alive, elsewhere], (folder) => files.exists(folder))
    assert.deepStrictEqual(left, [false, false, true, true])
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

it.effect("the embedded log: one folder, emptied by whoever opens it", () =>
  Effect.gen(function*() {
    assert.strictEqual(yield* folderWith({ TAILRACE_DATA: "some/data" }), "some/data/spool")
  }).pipe(Effect.provide(NodeServices.layer)))

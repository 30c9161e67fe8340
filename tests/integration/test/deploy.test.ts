// Each app packed into a folder of its own runs in another directory, with a PATH that holds only Node.
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import { afterAll, beforeAll } from "vitest"
import {
  clusterSettings,
  deliveredWith,
  ingestToken,
  makeDestination,
  produce,
  startApp,
  urlOf
} from "../src/app/Apps.ts"
import { packable, packAll, runPacked, startPacked } from "../src/app/Packed.ts"
import { temporaryFolder } from "../src/app/Tailrace.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { ours } from "../src/s3/S3ServerKind.ts"
import { S3Site } from "../src/s3/S3Site.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

const seconds = 120_000
/** Building everything the first time. */
const packMillis = 600_000

let folder = ""

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "tailrace-packed-"))
  await packAll(folder)
}, packMillis)
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

describe("packed", () => {
  for (const app of packable) {
    it.live(`${app}: help, version, and what is wrong`, () =>
      Effect.gen(function*() {
        const [help, version, nonsense, broken] = yield* Effect.all([
          runPacked(folder, app, { args: ["--help"] }),
          runPacked(folder, app, { args: ["--version"] }),
          runPacked(folder, app, { args: ["--nonsense"] }),
          runPacked(folder, app, { env: { TAILRACE_KAFKA_BROKERS: "nowhere" } })
        ], { concurrency: 2 })
        assert.deepStrictEqual([help.code, help.stderr], [0, ""])
        assert.match(help.stdout, /TAILRACE_/)
        assert.match(version.stdout.trim(), /\d+\.\d+\.\d+$/)
        assert.strictEqual(nonsense.code, 2)
        if (app === "cli") return
        assert.match(broken.stderr, /^tailrace: TAILRACE_KAFKA_BROKERS cannot be "nowhere"; right is [^\n]*\n$/)
        assert.strictEqual(broken.code, 1)
      }), seconds)
  }

  it.live("tailrace: starts on the embedded log and stops", () =>
    Effect.gen(function*() {
      const data = yield* temporaryFolder
      const env = { TAILRACE_DATA: data, TAILRACE_LISTEN: "127.0.0.1:0" }
      const { program, url } = yield* Effect.flatMap(startPacked(folder, "tailrace", { env }), urlOf)
      assert.strictEqual((yield* Effect.promise(() => fetch(`${url}/docs`))).status, 200)
      program.signal("SIGTERM")
      const { code, stderr } = yield* program.ended
      assert.strictEqual(code, 0, stderr)
    }), seconds)
})

describe.skipIf(lacks(java, maven))(naming("packed, on a real broker", java, maven), () => {
  const site = useKafka()

  it.live("delivery brings a record from Kafka to an object", () =>
    Effect.gen(function*() {
      const store = yield* S3Site
      const data = yield* temporaryFolder
      const settings = { ...clusterSettings(site(), site().freshPrefix()), TAILRACE_DATA: data }
      const [control, ingest] = yield* Effect.all([startApp("control", settings), startApp("ingest", settings)], {
        concurrency: 2
      })
      yield* Effect.flatMap(startPacked(folder, "delivery", { env: settings }), urlOf)
      yield* makeDestination(control.url, store.url)
      const token = yield* ingestToken(control.url)
      assert.deepStrictEqual(yield* produce(ingest.url, token, "p-packed"), Option.some(200))
      const text = yield* deliveredWith(store.bucket, "p-packed")
      assert.strictEqual(text.split("p-packed").length, 2)
    }).pipe(Effect.scoped, Effect.provide([S3Site.layer(ours), NodeHttpClient.layerNodeHttp])), seconds)
})

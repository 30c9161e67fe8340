// The apps by themselves on a real broker: in any order of start, in any number, and ready when they say so.
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { clusterSettings, ingestToken, produce, startApp } from "../src/app/Apps.ts"
import { ask, askWell } from "../src/app/Ask.ts"
import { run } from "../src/app/Program.ts"
import { temporaryFolder } from "../src/app/Tailrace.ts"
import { eventually } from "../src/eventually.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

const seconds = 180_000

const get = (url: string, path: string, authorization?: string) =>
  ask(url, { method: "GET", path, ...(authorization === undefined ? {} : { authorization }) })

const ready = (url: string) =>
  eventually(Effect.map(get(url, "/readyz"), Option.getOrUndefined), {
    what: `${url} to be ready`,
    seconds: 40,
    holds: (reply) => reply?.status === 200
  })

const bearer = (key: string) => `Bearer ${key}`

describe.skipIf(lacks(java, maven))(naming("apps on a real broker", java, maven), () => {
  const site = useKafka()

  it.live(
    "ingest and delivery before control; two controls at once make one tailnet and show one key",
    () =>
      Effect.gen(function*() {
        const settings = {
          ...clusterSettings(site(), site().freshPrefix()),
          TAILRACE_BOOTSTRAP_KEY: "",
          TAILRACE_DATA: yield* temporaryFolder
        }
        const [ingest, delivery] = yield* Effect.all([startApp("ingest", settings), startApp("delivery", settings)], {
          concurrency: 2
        })
        // No tailnet yet is no error.
        yield* Effect.all([ready(ingest.url), ready(delivery.url)])
        assert.deepStrictEqual(yield* produce(ingest.url, "tskey-ingest-none", "p-0"), Option.some(401))

        const controls = yield* Effect.all([startApp("control", settings), startApp("control", settings)], {
          concurrency: 2
        })
        yield* Effect.forEach(controls, ({ url }) => ready(url))
        const shown = controls.flatMap(({ program }) => /(tskey-api-\S+)/.exec(program.stdout())?.[1] ?? [])
        assert.strictEqual(shown.length, 1)
        const [key = ""] = shown
        for (const { url } of controls) {
          const members = Option.getOrUndefined(yield* get(url, "/api/v2/tailnet/-/users", bearer(key)))
          assert.strictEqual(members?.status, 200)
          assert.strictEqual(members?.text.match(/"role":"owner"/g)?.length, 1)
        }
        const { text } = Option.getOrThrow(yield* get(delivery.url, "/readyz"))
        assert.strictEqual(JSON.parse(text).status, "ready")
        assert.isAbove(JSON.parse(text).guarantees.length, 0)
        assert.strictEqual(Option.getOrUndefined(yield* get(delivery.url, "/api/v2/tailnet/-/users"))?.status, 404)
        for (const { program } of [ingest, delivery, ...controls]) {
          program.signal("SIGTERM")
          const { code, stderr } = yield* program.ended
          assert.strictEqual(code, 0, stderr)
        }
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)),
    seconds
  )

  it.live(
    "everything in one process, twice beside each other: no demo, and what one takes the other shows",
    () =>
      Effect.gen(function*() {
        const settings = { ...clusterSettings(site(), site().freshPrefix()), TAILRACE_DATA: yield* temporaryFolder }
        const [one, other] = yield* Effect.all([startApp("tailrace", settings), startApp("tailrace", settings)], {
          concurrency: 2
        })
        yield* Effect.all([ready(one.url), ready(other.url)])
        assert.notInclude(one.program.stdout(), "Objects")
        const token = yield* ingestToken(one.url)
        assert.deepStrictEqual(yield* produce(other.url, token, "p-1"), Option.some(200))
        const read = "/api/v2/tailnet/-/logging/configuration?start=2026-01-01T00:00:00Z&end=2100-01-01T00:00:00Z"
        assert.include(yield* askWell(one.url, { method: "GET", path: read }), "\"p-1\"")
      }).pipe(Effect.scoped, Effect.provide(NodeHttpClient.layerNodeHttp)),
    seconds
  )

  it.live("a cluster that cannot be used is one line", () =>
    Effect.gen(function*() {
      const settings = clusterSettings(site(), site().freshPrefix())
      yield* startApp("ingest", settings)
      const ended = yield* run({ file: "apps/ingest/src/main.ts", env: { ...settings, TAILRACE_LANES: "3" } })
      assert.match(ended.stderr, /^tailrace: Kafka at 127\.0\.0\.1:\d+ cannot be used: [^\n]*2 lanes[^\n]*\n$/)
      assert.strictEqual(ended.code, 1)
    }).pipe(Effect.scoped), seconds)
})

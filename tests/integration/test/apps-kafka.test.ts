// The apps by themselves on a real broker: in any order of start, in any number, and ready when they say so.
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import type { Kafka, Message } from "kafkajs"
import { clusterSettings, deliveredWith, ingestToken, makeDestination, produce, startApp } from "../src/app/Apps.ts"
import { ask, askWell } from "../src/app/Ask.ts"
import { run } from "../src/app/Program.ts"
import { temporaryFolder } from "../src/app/Tailrace.ts"
import { readKafka } from "../src/checker/KafkaRecords.ts"
import { eventually } from "../src/eventually.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { auditRecord, exported } from "../src/kill/SampleRecord.ts"
import { ours } from "../src/s3/S3ServerKind.ts"
import { S3Site } from "../src/s3/S3Site.ts"
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

/** By somebody else's client, to the partitions that it names. */
const writeForeign = (kafka: Kafka, topic: string, messages: ReadonlyArray<Message>) => {
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  return Effect.acquireUseRelease(
    Effect.promise(() => producer.connect()),
    () => Effect.promise(() => producer.send({ topic, messages: [...messages] })),
    () => Effect.promise(() => producer.disconnect())
  )
}

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

  it.live(
    "what any producer writes is delivered; junk goes to quarantine, and no lane stops",
    () =>
      Effect.gen(function*() {
        const { freshPrefix, kafka } = site()
        const prefix = freshPrefix()
        const store = yield* S3Site
        const settings = { ...clusterSettings(site(), prefix), TAILRACE_DATA: yield* temporaryFolder }
        const { program, url } = yield* startApp("tailrace", settings)
        yield* ready(url)
        yield* makeDestination(url, store.url)
        const good = (id: string) => ({ key: "example.com/17", value: exported(auditRecord(id, 1)) })
        const key = "example.com"
        const junk = [
          { key: null, value: exported(auditRecord("keyless", 1)) },
          { key: "nobody.example", value: exported(auditRecord("unknown", 1)) },
          { key, value: Buffer.from([0, 255, 10, 254, 123]) },
          { key, value: "{\"two\":1}\n{\"lines\":2}" },
          { key, value: "" },
          { key, value: null }
        ]
        yield* writeForeign(
          kafka,
          `${prefix}.audit`,
          [0, 1].flatMap((partition) =>
            [good(`before-${partition}`), ...junk, good(`behind-${partition}`)].map((message) => ({
              ...message,
              partition
            }))
          )
        )
        yield* deliveredWith(store.bucket, "behind-0")
        const text = yield* deliveredWith(store.bucket, "behind-1")
        assert.isTrue(["before-0", "before-1"].every((id) => text.includes(id)))
        assert.isFalse(/keyless|unknown|two|lines/.test(text))
        yield* ready(url)
        program.signal("SIGTERM")
        yield* program.ended
        const [quarantined = []] = yield* readKafka(kafka, [`${prefix}.quarantine`], 2)
        const values = quarantined.flatMap(({ records }) => records.map(({ value }) => value?.length ?? 0))
        assert.deepStrictEqual(
          values.toSorted((one, other) => one - other),
          [...junk, ...junk].map(({ value }) => value?.length ?? 0).toSorted((one, other) => one - other)
        )
      }).pipe(Effect.scoped, Effect.provide([S3Site.layer(ours), NodeHttpClient.layerNodeHttp])),
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

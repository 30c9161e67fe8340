// Programs of others on our topics: what any producer writes we read, and what we write any consumer reads.
import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { Entry } from "@tailrace/log"
import { entriesOf, read, readTexts, textOf } from "@tailrace/log/contract"
import { Effect, Schema } from "effect"
import { CompressionTypes } from "kafkajs"
import { eventually } from "../src/eventually.ts"
import { consoleProducer, foreignClient } from "../src/kafka/JavaClient.ts"
import { openKafkaLog } from "../src/kafka/KafkaLog.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, javac, lacks, maven, naming } from "../src/tool.ts"

describe.skipIf(lacks(java, javac, maven))(naming("topics that are not ours alone", java, javac, maven), () => {
  const site = useKafka({ version: "4.4.0" })
  const seconds = (count: number) => count * 1_000

  const open = Effect.gen(function*() {
    const { brokers, freshPrefix } = site()
    const prefix = freshPrefix()
    return { ...yield* openKafkaLog({ brokers, prefix }), prefix, bootstrap: brokers.join(",") }
  })

  const offer = Effect.fnUntraced(
    function*(topic: string, entries: ReadonlyArray<{ key: string | null; value: Buffer }>) {
      const producer = site().kafka.producer()
      yield* Effect.acquireUseRelease(
        Effect.promise(() => producer.connect()),
        () =>
          Effect.promise(() => producer.send({ topic, compression: CompressionTypes.GZIP, messages: [...entries] })),
        () => Effect.promise(() => producer.disconnect())
      )
    }
  )

  const codecs = ["none", "gzip", "snappy", "lz4", "zstd"]
  const theirs = "theirs"

  const openTheirs = Effect.suspend(() => openKafkaLog({ brokers: site().brokers, prefix: theirs }))

  /** Kafka's own client starts slowly, so it does all of its writing at once. */
  const theyWrite = Effect.gen(function*() {
    const { log } = yield* openTheirs
    yield* log.append("flow", 1, entriesOf("before", 2))
    const codecsToFlow = ["codecs", `${theirs}.flow`, "200"]
    const others = ["transactions", `${theirs}.audit`, ",", "hang", `${theirs}.flow`]
    yield* foreignClient(site().brokers.join(","), ...codecsToFlow, ",", ...others)
    yield* log.append("flow", 1, entriesOf("behind", 2))
  })

  beforeAll(() => Effect.runPromise(Effect.scoped(theyWrite)), seconds(120))

  describe.concurrent("foreign producers", () => {
    it.live("records of Kafka's own client arrive, whatever the codec", () =>
      Effect.gen(function*() {
        const { log } = yield* openTheirs
        const records = yield* read(log, { topic: "flow" })
        const expected = codecs.flatMap((codec) => Array.from({ length: 200 }, (_, index) => `${codec}-${index}`))
        assert.deepStrictEqual(records.map((record) => textOf(record)?.split(" ")[0]), expected)
        assert.isTrue(
          records.every(({ key, value }, index) => key === codecs[Math.floor(index / 200)] && value?.length)
        )
      }), seconds(90))

    it.live(
      "aborted transactions and control records are passed over, committed ones are not",
      () =>
        Effect.gen(function*() {
          const { log } = yield* openTheirs
          const expected = ["kept", "also kept"].flatMap((name) => [0, 1, 2].map((index) => `${name}-${index}`))
          assert.deepStrictEqual(yield* readTexts(log, { topic: "audit" }), expected)
          assert.deepStrictEqual(yield* log.bounds("audit", 0), { earliest: 0, stable: 12, next: 12 })
          assert.deepStrictEqual(yield* readTexts(log, { topic: "audit", from: 5 }), expected.slice(3))
        }),
      seconds(90)
    )

    it.live(
      "another partitioner, gzip, no keys, binary junk: each record is there as it was",
      () =>
        Effect.gen(function*() {
          const { log, prefix } = yield* open
          const entries = Array.from({ length: 500 }, (_, index) => ({
            key: index % 5 === 0 ? null : `tailnet-${index % 7}`,
            value: Buffer.from([index >> 8, index & 0xff, 0x00, 0xff, 0x0a, 0x7b])
          }))
          yield* offer(`${prefix}.audit`, entries)
          const lanes = yield* Effect.forEach([0, 1], (lane) => read(log, { topic: "audit", lane }))
          const ends = yield* Effect.forEach([0, 1], (lane) => log.bounds("audit", lane))
          assert.deepStrictEqual(lanes.map(({ length }) => length), ends.map(({ next }) => next))
          assert.isTrue(lanes.every(({ length }) => length > 0))
          const plain = ({ key, value }: Entry) => `${key} ${Buffer.from(value ?? "").toString("hex")}`
          // Their client sends again what it is not sure of: a record may lie there twice.
          assert.deepStrictEqual(new Set(lanes.flat().map(plain).sort()), new Set(entries.map(plain).sort()))
        }),
      seconds(90)
    )

    it.live("what the console producer writes arrives", () =>
      Effect.gen(function*() {
        const { bootstrap, log, prefix } = yield* open
        const where = ["--bootstrap-server", bootstrap, "--topic", `${prefix}.audit`, "--compression-codec", "zstd"]
        yield* consoleProducer(["example.com\t{\"a\":1}", "example.com\t{\"b\":2}", "other.example\tjunk"], ...where)
        const lanes = yield* Effect.forEach([0, 1], (lane) => read(log, { topic: "audit", lane }))
        const found = lanes.flat().map((record) => `${record.key} ${textOf(record)}`).sort()
        assert.deepStrictEqual(found, ["example.com {\"a\":1}", "example.com {\"b\":2}", "other.example junk"])
      }), seconds(90))

    it.live(
      "a foreign transaction that hangs holds readers before it, and is told with its cure",
      () =>
        Effect.gen(function*() {
          const { log, troubles } = yield* openTheirs
          const held = { earliest: 0, stable: 2, next: 5 }
          assert.deepStrictEqual(yield* log.bounds("flow", 1), held)
          assert.deepStrictEqual(yield* readTexts(log, { topic: "flow", lane: 1, until: 2 }), ["before-0", "before-1"])
          const found = yield* eventually(troubles.current, {
            what: "the trouble",
            seconds: 90,
            holds: (all) => all.some(({ at }) => at !== undefined)
          })
          const trouble = found.find(({ at }) => at !== undefined)
          assert.deepStrictEqual(trouble?.at, { topic: "flow", lane: 1 })
          assert.match(trouble?.message ?? "", /kafka-transactions.*abort/s)
          assert.deepStrictEqual(yield* log.bounds("flow", 1), held)
        }),
      seconds(120)
    )
  })

  const Line = Schema.fromJsonString(Schema.Struct({
    key: Schema.NullOr(Schema.String),
    value: Schema.NullOr(Schema.String),
    headers: Schema.Array(Schema.Tuple([Schema.String, Schema.String]))
  }))

  const base64 = (value: string | Uint8Array) => Buffer.from(value).toString("base64")

  const asLine = ({ headers = {}, key, value }: Entry) => ({
    key: key === null ? null : base64(key),
    value: value === null ? null : base64(value),
    headers: Object.entries(headers).map(([name, text]) => [base64(name), base64(text)] as const)
  })

  it.live("Kafka's own client reads what we append and commit", () =>
    Effect.gen(function*() {
      const { bootstrap, log, prefix } = yield* open
      const entries: ReadonlyArray<Entry> = [
        ...entriesOf("a", 3),
        { key: null, value: Buffer.from("no key"), headers: { reason: "naïve ✓", empty: "" } },
        { key: "пример.例え", value: new Uint8Array(0) },
        { key: "gone", value: null },
        { key: "large", value: new Uint8Array(1_048_576).fill(0x78) }
      ]
      yield* log.append("quarantine", 0, entries)
      const writer = yield* log.claim(0)
      yield* writer.commit(entries.slice(0, 4).map((entry) => ({ topic: "quarantine", ...entry })))
      const printed = yield* foreignClient(bootstrap, "read", `${prefix}.quarantine`, "11")
      const lines = printed.trim().split("\n").map((line) => Schema.decodeSync(Line)(line))
      assert.deepStrictEqual(
        lines.map(({ headers, key, value }) => ({ key, value, headers })),
        [
          ...entries,
          ...entries.slice(0, 4)
        ].map(asLine)
      )
    }), seconds(90))
})

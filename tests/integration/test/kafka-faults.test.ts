// Calls whose outcome is lost, and topics that are no longer what was read: nothing is doubled, nothing is guessed.
import { assert, describe, it } from "@effect/vitest"
import { type LaneWriter, type Log, recordsOf } from "@tailrace/log"
import { chunksOf, entriesOf, entryOf, read, readTexts, refusalOf, textOf } from "@tailrace/log/contract"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { ConfigResourceTypes } from "kafkajs"
import { eventually } from "../src/eventually.ts"
import { deleteRecords, openKafkaLog } from "../src/kafka/KafkaLog.ts"
import { apiKey, type CallFate } from "../src/kafka/KafkaProxy.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

describe.skipIf(lacks(java, maven))(naming("a log on Kafka that loses things", java, maven), () => {
  const site = useKafka({ version: "4.4.0" })
  const millis = 60_000

  const open = Effect.gen(function*() {
    const prefix = site().freshPrefix()
    return { ...yield* openKafkaLog({ brokers: [site().proxied], prefix }), prefix }
  })

  /** The next call of this kind is lost, and only that one. */
  const loseNext = (key: number, fate: CallFate) =>
    Effect.sync(() => {
      const { proxy } = site()
      proxy.fate = (asked) => {
        if (asked !== key) return "pass"
        proxy.fate = () => "pass"
        return fate
      }
    })

  const inLedger = (log: Log["Service"], lane = 0) => readTexts(log, { topic: "ledger", lane })

  const commitLost = (writer: LaneWriter) =>
    writer.commit([{ topic: "ledger", ...entryOf("lost") }, { topic: "quarantine", ...entryOf("lost") }])

  describe("a commit whose end is lost", () => {
    for (const fate of ["lose answer", "lose request"] as const) {
      it.live(`${fate} once: it is asked for again, and is there once`, () =>
        Effect.gen(function*() {
          const { log } = yield* open
          const writer = yield* log.claim(0)
          yield* writer.commit([{ topic: "ledger", ...entryOf("before") }])
          yield* loseNext(apiKey.endTxn, fate)
          const ends = yield* commitLost(writer)
          assert.strictEqual(ends.get("quarantine"), 1)
          const fresh = yield* log.claim(0)
          yield* fresh.commit([{ topic: "ledger", ...entryOf("after") }])
          assert.deepStrictEqual(yield* inLedger(log), ["before", "lost", "after"])
        }), millis)
    }

    it.live(
      "lost again and again: the commit says that its outcome is unknown, and the next claim sees it",
      () =>
        Effect.gen(function*() {
          const { log, prefix } = yield* open
          const { proxy } = site()
          const passAll = Effect.sync(() => {
            proxy.fate = () => "pass"
          })
          yield* Effect.addFinalizer(() => passAll)
          const writers = [yield* log.claim(0), yield* log.claim(1)] as const
          let isDone = false
          proxy.fate = (key, request) => {
            if (key !== apiKey.endTxn) return "pass"
            // Of lane 0 one request arrives, and its answer is lost; of lane 1 none does. They share a connection.
            if (isDone || !request.includes(`${prefix}.lane.0`)) return "lose request"
            isDone = true
            return "lose answer"
          }
          const before = proxy.lostAnswers
          const first = yield* Effect.forkChild(refusalOf(commitLost(writers[0])), { startImmediately: true })
          yield* eventually(Effect.sync(() => proxy.lostAnswers), {
            what: "the answer that is lost",
            seconds: 10,
            holds: (count) => count > before
          })
          const errors = [yield* refusalOf(commitLost(writers[1])), yield* Fiber.join(first)]
          yield* passAll
          assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["LogUnavailable", "LogUnavailable"])
          for (const writer of writers) yield* refusalOf(writer.commit([{ topic: "ledger", ...entryOf("nor this") }]))
          for (const [lane, expected] of [[0, ["lost"]], [1, []]] as const) {
            const fresh = yield* log.claim(lane)
            assert.deepStrictEqual(yield* inLedger(log, lane), expected)
            assert.deepStrictEqual(yield* readTexts(log, { topic: "quarantine", lane }), expected)
            yield* fresh.commit([{ topic: "ledger", ...entryOf("after") }])
            assert.deepStrictEqual(yield* inLedger(log, lane), [...expected, "after"])
          }
        }),
      millis
    )
  })

  describe("an append whose call is lost", () => {
    for (const fate of ["lose answer", "lose request"] as const) {
      it.live(`${fate}: it is sent again, and is there once`, () =>
        Effect.gen(function*() {
          const { log } = yield* open
          yield* log.append("flow", 0, entriesOf("a", 2))
          yield* loseNext(apiKey.produce, fate)
          const { baseOffset } = yield* log.append("flow", 0, entriesOf("b", 2))
          assert.strictEqual(baseOffset, 2)
          yield* log.append("flow", 0, entriesOf("c", 1))
          assert.deepStrictEqual(yield* readTexts(log, { topic: "flow" }), ["a-0", "a-1", "b-0", "b-1", "c-0"])
        }), millis)
    }

    it.live("a follower whose answers are lost misses nothing and sees nothing twice", () =>
      Effect.gen(function*() {
        const { log } = yield* open
        const names = Array.from({ length: 20 }, (_, index) => `n${index}`)
        const reading = yield* log.follow("flow", 0, 0).pipe(
          Stream.flatMap((chunk) => Stream.fromIterable(recordsOf(chunk).map(textOf))),
          Stream.take(names.length),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true })
        )
        for (const name of names) {
          yield* loseNext(apiKey.fetch, names.indexOf(name) % 2 === 0 ? "lose answer" : "lose request")
          yield* log.append("flow", 0, [entryOf(name)])
          yield* Effect.sleep(20)
        }
        assert.deepStrictEqual(yield* Fiber.join(reading), names)
      }), millis)
  })

  describe("topics that were changed", () => {
    const settings = { "message.timestamp.type": "LogAppendTime", "max.message.bytes": "2097152" }
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))

    const recreate = Effect.fnUntraced(function*(topic: string) {
      const { admin } = site()
      yield* Effect.promise(() => admin.deleteTopics({ topics: [topic] }))
      const topics = [{ topic, numPartitions: 2, configEntries }]
      const again = Effect.promise(() => admin.createTopics({ topics }).catch(() => false))
      yield* eventually(again, { what: "the topic, made anew", seconds: 10, holds: (isMade) => isMade })
    })

    const lastMark = Effect.fnUntraced(function*(log: Log["Service"], until?: number) {
      const range = { topic: "flow", ...until === undefined ? {} : { until } } as const
      return (yield* chunksOf(log, range, ({ mark }) => mark)).at(-1) ?? ""
    })

    it.live("a mark is the same, gone or another's, and the log can tell which", () =>
      Effect.gen(function*() {
        const { log, prefix } = yield* open
        yield* log.append("flow", 0, entriesOf("a", 3))
        const first = yield* lastMark(log)
        yield* log.append("flow", 0, entriesOf("b", 3))
        const second = yield* lastMark(log)
        const recognized = (mark: string) => log.recognizes("flow", 0, mark)
        assert.notStrictEqual(first, second)
        assert.deepStrictEqual(yield* Effect.forEach([first, second, ""], recognized), ["same", "same", "same"])
        const [topicId = "", , checksum = ""] = second.split("/")
        const others = [`${topicId}/0/${checksum}`, `${topicId}/999/${checksum}`, `${"A".repeat(22)}/3/${checksum}`]
        assert.deepStrictEqual(yield* Effect.forEach(others, recognized), ["other", "other", "other"])
        yield* deleteRecords(site(), `${prefix}.flow`, { lane: 0, before: 3 })
        assert.deepStrictEqual(yield* Effect.forEach([first, second], recognized), ["gone", "same"])
      }), millis)

    it.live(
      "a topic made anew under a follower stops it, also when it has grown beyond the cursor",
      () =>
        Effect.gen(function*() {
          const { log, prefix } = yield* open
          yield* log.append("flow", 0, entriesOf("old", 3))
          const mark = yield* lastMark(log)
          const reached = yield* Deferred.make<void>()
          const following = yield* log.follow("flow", 0, 0).pipe(
            Stream.map((chunk) => recordsOf(chunk).map(textOf)),
            Stream.tap(() => Deferred.succeed(reached, undefined)),
            Stream.filter((texts) => texts.some((text) => text?.startsWith("new"))),
            Stream.runCollect,
            refusalOf,
            Effect.forkChild({ startImmediately: true })
          )
          yield* Deferred.await(reached)
          yield* recreate(`${prefix}.flow`)
          const producer = site().kafka.producer()
          yield* Effect.promise(() => producer.connect())
          const messages = Array.from({ length: 10 }, (_, index) => ({ value: `new-${index}`, partition: 0 }))
          yield* eventually(
            Effect.promise(() => producer.send({ topic: `${prefix}.flow`, messages }).then(() => true, () => false)),
            { what: "the new content", seconds: 10, holds: (isSent) => isSent }
          )
          yield* Effect.promise(() => producer.disconnect())
          assert.strictEqual((yield* Fiber.join(following))._tag, "OffsetBeyondEnd")
          assert.strictEqual(yield* log.recognizes("flow", 0, mark), "other")
          const again = yield* openKafkaLog({ brokers: site().brokers, prefix })
          assert.strictEqual(yield* again.log.recognizes("flow", 0, mark), "other")
        }),
      millis
    )

    it.live("a topic made anew and still shorter than the cursor is beyond its end", () =>
      Effect.gen(function*() {
        const { log, prefix } = yield* open
        yield* log.append("flow", 0, entriesOf("old", 3))
        yield* recreate(`${prefix}.flow`)
        const ended = refusalOf(Stream.runDrain(log.follow("flow", 0, 3)))
        const error = yield* eventually(ended, {
          what: "the end",
          seconds: 20,
          holds: ({ _tag }) => _tag !== "LogUnavailable"
        })
        assert.strictEqual(error._tag, "OffsetBeyondEnd")
      }), millis)

    it.live("a compacted topic is read over its gaps, with the newest value of each key", () =>
      Effect.gen(function*() {
        const { log, prefix } = yield* open
        const settings = {
          "cleanup.policy": "compact",
          "segment.ms": "200",
          "min.cleanable.dirty.ratio": "0.001",
          "min.compaction.lag.ms": "0"
        }
        const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
        const resource = { type: ConfigResourceTypes.TOPIC, name: `${prefix}.secrets`, configEntries }
        yield* Effect.promise(() => site().admin.alterConfigs({ validateOnly: false, resources: [resource] }))
        for (let round = 0; round < 4; round++) {
          yield* log.append("secrets", 0, ["a", "b", "c"].map((key) => entryOf(`${key}${round}`, key)))
          yield* Effect.sleep(300)
        }
        const compacted = Effect.tap(read(log, { topic: "secrets" }), () =>
          // A segment is closed, and so may be compacted, only when another append begins the next.
          log.append("secrets", 0, [entryOf("end", "end")]))
        const isNewest = (values: ReadonlyArray<string | null>) => values.slice(0, 3).join() === "a3,b3,c3"
        const records = yield* eventually(compacted, {
          what: "the compaction",
          seconds: 30,
          holds: (all) => isNewest(all.map(textOf))
        })
        assert.deepStrictEqual(records.slice(0, 3).map(({ offset }) => offset), [9, 10, 11])
        assert.deepStrictEqual((yield* readTexts(log, { topic: "secrets", from: 4 })).slice(0, 3), ["a3", "b3", "c3"])
      }), millis)
  })
})

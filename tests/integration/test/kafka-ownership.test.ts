// Exactly one owner a lane, over processes that join, leave, die and come back, on a real broker.
import { assert, describe, it } from "@effect/vitest"
import type { Lane } from "@tailrace/log"
import { entryOf, readTexts, refusalOf } from "@tailrace/log/contract"
import { Effect } from "effect"
import { eventually } from "../src/eventually.ts"
import { type GroupMember, joinGroup } from "../src/kafka/GroupMember.ts"
import { openKafkaLog } from "../src/kafka/KafkaLog.ts"
import { cutOff } from "../src/kafka/KafkaProxy.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

describe.skipIf(lacks(java, maven))(naming("ownership on Kafka", java, maven), () => {
  const site = useKafka({ version: "4.4.0" })
  const lanes = 4
  const millis = 60_000

  const sizes = (members: ReadonlyArray<GroupMember>) => members.map((member) => member.lanes().length)

  /** Waits until every lane is with one of the members, as evenly as can be. */
  const balanced = (members: ReadonlyArray<GroupMember>, seconds = 15) =>
    eventually(Effect.sync(() => members.map((member) => member.lanes())), {
      what: `${lanes} lanes over ${members.length} members`,
      seconds,
      holds: (all) => new Set(all.flat()).size === lanes && all.flat().length === lanes && isEven(all)
    })

  const isEven = (all: ReadonlyArray<ReadonlyArray<Lane>>) => {
    const counts = all.map(({ length }) => length)
    return Math.max(...counts) - Math.min(...counts) <= 1
  }

  it.live("lanes move to who joins and from who leaves, and stay where they can", () =>
    Effect.gen(function*() {
      const where = { brokers: site().brokers, prefix: site().freshPrefix(), lanes }
      const one = yield* joinGroup(where)
      yield* balanced([one])
      assert.deepStrictEqual(one.told.map(({ gained, lost }) => ({ gained, lost })), [{
        gained: [0, 1, 2, 3],
        lost: []
      }])
      const two = yield* joinGroup(where)
      yield* balanced([one, two])
      assert.deepStrictEqual(one.told.at(-1)?.lost, two.lanes())
      assert.deepStrictEqual(one.told.at(-1)?.gained, [])
      const three = yield* joinGroup(where)
      yield* balanced([one, two, three])
      const moved = [...one.told, ...two.told].filter(({ lost }) => lost.length > 0).length
      assert.strictEqual(moved, 2)
      const kept = one.lanes()
      yield* two.leave
      yield* balanced([one, three], 5)
      assert.includeMembers([...one.lanes()], [...kept])
      assert.deepStrictEqual(sizes([one, three]), [2, 2])
    }), millis)

  it.live(
    "who dies without a goodbye knows it before another has its lanes, and gets its share when it is back",
    () =>
      Effect.gen(function*() {
        const prefix = site().freshPrefix()
        const safe = yield* joinGroup({ brokers: site().brokers, prefix, lanes })
        const dying = yield* joinGroup({ brokers: [site().proxied], prefix, lanes })
        yield* balanced([safe, dying])
        const { heal } = yield* cutOff(site().proxy)
        yield* balanced([safe], 12)
        assert.deepStrictEqual(dying.lanes(), [])
        assert.isAtMost(dying.told.at(-1)?.at ?? Infinity, safe.told.at(-1)?.at ?? 0)
        yield* heal
        yield* balanced([safe, dying])
      }),
    millis
  )

  it.live(
    "what a process commits that is no longer the owner and does not know it is refused",
    () =>
      Effect.gen(function*() {
        const prefix = site().freshPrefix()
        const old = yield* joinGroup({ brokers: [site().proxied], prefix, lanes })
        yield* balanced([old])
        const writer = yield* old.log.claim(0)
        yield* writer.commit([{ topic: "ledger", ...entryOf("old") }])
        const { heal } = yield* cutOff(site().proxy)
        const successor = yield* joinGroup({ brokers: site().brokers, prefix, lanes })
        yield* balanced([successor])
        const fresh = yield* successor.log.claim(0)
        yield* heal
        const error = yield* refusalOf(writer.commit([{ topic: "ledger", ...entryOf("zombie") }]))
        assert.strictEqual(error._tag, "Fenced")
        yield* fresh.commit([{ topic: "ledger", ...entryOf("fresh") }])
        const { log } = yield* openKafkaLog({ brokers: site().brokers, prefix, lanes })
        assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger" }), ["old", "fresh"])
      }),
    millis
  )

  it.live("a member claims the lanes that are assigned to it, and no other", () =>
    Effect.gen(function*() {
      const where = { brokers: site().brokers, prefix: site().freshPrefix(), lanes }
      const [one, two] = [yield* joinGroup(where), yield* joinGroup(where)]
      yield* balanced([one, two])
      const mine = one.lanes()[0] ?? 0
      const foreign = two.lanes()[0] ?? 0
      const theirs = yield* two.log.claim(foreign)
      yield* (yield* one.log.claim(mine)).commit([{ topic: "ledger", ...entryOf("mine") }])
      assert.strictEqual((yield* refusalOf(one.log.claim(foreign)))._tag, "LogUnavailable")
      yield* theirs.commit([{ topic: "ledger", ...entryOf("theirs") }])
      assert.deepStrictEqual(yield* readTexts(one.log, { topic: "ledger", lane: foreign }), ["theirs"])
    }), millis)
})

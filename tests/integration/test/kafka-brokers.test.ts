// Brokers that stop, die and come back: what was acknowledged is there, in order, and everything goes on by itself.
import { assert, describe, it } from "@effect/vitest"
import { type Log, recordsOf } from "@tailrace/log"
import { entryOf, readTexts, textOf } from "@tailrace/log/contract"
import { Deferred, Effect, Fiber, Stream } from "effect"
import { eventually } from "../src/eventually.ts"
import { joinGroup } from "../src/kafka/GroupMember.ts"
import { useKafka } from "../src/kafka/KafkaSite.ts"
import { java, lacks, maven, naming } from "../src/tool.ts"

describe.skipIf(lacks(java, maven))(naming("brokers that come and go", java, maven), () => {
  const site = useKafka({ version: "4.4.0", nodes: 2 })
  const millis = 90_000
  const lanes = 4

  /** Appends one record after the other until told to stop; answers those that were acknowledged. */
  const appending = Effect.fnUntraced(function*(log: Log["Service"], lane: number, stop: Deferred.Deferred<void>) {
    const acknowledged: Array<string> = []
    for (let index = 0; !(yield* Deferred.isDone(stop)); index++) {
      const text = `${lane}-${index}`
      const isThere = yield* log.append("flow", lane, [entryOf(text)]).pipe(
        Effect.as(true),
        Effect.orElseSucceed(() => false)
      )
      if (isThere) acknowledged.push(text)
      yield* Effect.sleep(20)
    }
    return acknowledged
  })

  const following = (log: Log["Service"], lane: number, seen: Array<string | null>) =>
    log.follow("flow", lane, 0).pipe(
      Stream.runForEach((chunk) => Effect.sync(() => seen.push(...recordsOf(chunk).map(textOf)))),
      Effect.forkChild({ startImmediately: true })
    )

  /** Records come, are followed and lanes are owned while `disturb` happens; afterwards everything is as it was. */
  const livesThrough = Effect.fnUntraced(function*(disturb: Effect.Effect<void>) {
    const where = { brokers: site().brokers, prefix: site().freshPrefix(), lanes, replicationFactor: 2 }
    const member = yield* joinGroup(where)
    const { log } = member
    const all = Array.from({ length: lanes }, (_, lane) => lane)
    const isServed = eventually(Effect.sync(() => member.lanes()), {
      what: "every lane",
      seconds: 30,
      holds: (owned) => owned.length === lanes
    })
    yield* isServed
    for (const lane of all) yield* (yield* log.claim(lane)).commit([{ topic: "ledger", ...entryOf("before") }])
    const stop = yield* Deferred.make<void>()
    const seen = all.map(() => new Array<string | null>())
    yield* Effect.forEach(all, (lane) => following(log, lane, seen[lane] ?? []))
    const writing = yield* Effect.forEach(all, (lane) => Effect.forkChild(appending(log, lane, stop)))
    yield* Effect.sleep(500)
    yield* disturb
    yield* Effect.sleep(500)
    yield* Deferred.succeed(stop, undefined)
    const acknowledged = yield* Effect.forEach(writing, Fiber.join)
    yield* eventually(Effect.sync(() => seen.map((texts) => texts.at(-1))), {
      what: "the last record of each lane",
      seconds: 30,
      holds: (last) => last.every((text, lane) => text === acknowledged[lane]?.at(-1))
    })
    yield* isServed
    for (const lane of all) {
      assert.deepStrictEqual(seen[lane]?.filter((text) => acknowledged[lane]?.includes(text ?? "")), acknowledged[lane])
      assert.strictEqual(new Set(seen[lane]).size, seen[lane]?.length)
      yield* (yield* log.claim(lane)).commit([{ topic: "ledger", ...entryOf("after") }])
      assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger", lane }), ["before", "after"])
    }
  })

  it.live("every broker is restarted", () => livesThrough(Effect.promise(() => site().cluster.restart())), millis)

  it.live(
    "the leader of half of the lanes dies, the other goes on alone, the first comes back",
    () =>
      livesThrough(Effect.gen(function*() {
        const [, second] = site().cluster.brokers
        yield* Effect.promise(async () => second?.kill())
        yield* Effect.sleep(6_000)
        yield* Effect.promise(async () => second?.restart())
      })),
    millis
  )
})

/** A lane has one writer: claims, fencing, atomic commits. */
import { assert } from "@effect/vitest"
import { Effect, Fiber, Option, Scope, Stream } from "effect"
import { maxValueBytes } from "../RecordLimit.ts"
import { assertFields, type Check, entriesOf, entryOf, read, readTexts, refusalOf } from "./Subject.ts"

const owned: Check = {
  name: "the first element of owned is the present assignment",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const first = yield* log.owned("delivery").pipe(Stream.runHead, Effect.map(Option.getOrThrow))
    assert.deepStrictEqual(first, { gained: [0, 1], lost: [] })
    assert.strictEqual(log.lanes, 2)
  })
}

const commits: Check = {
  name: "a commit answers the next offset of each topic it wrote, directly after its entries",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const writer = yield* log.claim(1)
    yield* log.append("audit", 1, entriesOf("a", 2))
    const ends = yield* writer.commit([
      { topic: "ledger", ...entryOf("l0") },
      { topic: "audit", ...entryOf("mine") },
      { topic: "ledger", ...entryOf("l1") }
    ])
    assert.deepStrictEqual([ends.size, ends.get("ledger"), ends.get("audit")], [2, 2, 3])
    assert.strictEqual(writer.lane, 1)
    assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger", lane: 1 }), ["l0", "l1"])
    assert.deepStrictEqual(yield* readTexts(log, { topic: "audit", lane: 1 }), ["a-0", "a-1", "mine"])
    const again = yield* writer.commit([{ topic: "ledger", ...entryOf("l2") }])
    const records = yield* read(log, { topic: "ledger", lane: 1 })
    assert.strictEqual(again.get("ledger"), (records[2]?.offset ?? 0) + 1)
  })
}

const fencing: Check = {
  name: "a later claim fences the writer before it: Fenced, and nothing is written; other lanes are left alone",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const old = yield* log.claim(0)
    const other = yield* log.claim(1)
    yield* old.commit([{ topic: "ledger", ...entryOf("old") }])
    const fresh = yield* log.claim(0)
    const error = yield* refusalOf(old.commit([
      { topic: "ledger", ...entryOf("zombie") },
      { topic: "quarantine", ...entryOf("zombie") }
    ]))
    assertFields(error, { _tag: "Fenced", lane: 0 })
    yield* fresh.commit([{ topic: "ledger", ...entryOf("fresh") }])
    yield* other.commit([{ topic: "ledger", ...entryOf("other") }])
    assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger" }), ["old", "fresh"])
    assert.deepStrictEqual(yield* readTexts(log, { topic: "quarantine" }), [])
    assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger", lane: 1 }), ["other"])
  })
}

const settled: Check = {
  name: "when a claim returns, what the writer before began is in the log or never will be",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    for (let round = 0; round < 10; round++) {
      const old = yield* log.claim(0)
      const fiber = yield* Effect.forkChild(
        Effect.exit(old.commit([{ topic: "ledger", ...entryOf(`r${round}`) }])),
        { startImmediately: true }
      )
      yield* log.claim(0)
      const seen = (yield* log.bounds("ledger", 0)).next
      yield* Fiber.join(fiber)
      assert.strictEqual((yield* log.bounds("ledger", 0)).next, seen)
    }
  })
}

const anyError: Check = {
  name: "any error ends the writer, and a new claim goes on",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const writer = yield* log.claim(0)
    const tooLong = { topic: "quarantine", key: "k", value: new Uint8Array(maxValueBytes + 1) } as const
    const error = yield* refusalOf(writer.commit([{ topic: "ledger", ...entryOf("no") }, tooLong]))
    assert.strictEqual(error._tag, "RecordTooLarge")
    yield* refusalOf(writer.commit([{ topic: "ledger", ...entryOf("nor this") }]))
    const fresh = yield* log.claim(0)
    yield* fresh.commit([{ topic: "ledger", ...entryOf("yes") }])
    assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger" }), ["yes"])
  })
}

const scoped: Check = {
  name: "a writer ends with the scope of its claim",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    const writer = yield* Effect.scoped(log.claim(0))
    assert.strictEqual((yield* refusalOf(writer.commit([{ topic: "ledger", ...entryOf("no") }])))._tag, "Fenced")
    const scope = yield* Scope.make()
    const live = yield* log.claim(0).pipe(Scope.provide(scope))
    yield* live.commit([{ topic: "ledger", ...entryOf("yes") }])
    assert.deepStrictEqual(yield* readTexts(log, { topic: "ledger" }), ["yes"])
  })
}

export const claims: ReadonlyArray<Check> = [owned, commits, fencing, settled, anyError, scoped]

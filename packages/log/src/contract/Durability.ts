/** What a kill, a full disk and an interrupted caller must not break. */
import { assert } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type { Entry, LaneEntry, Log } from "../Log.ts"
import { type Check, entriesOf, entryOf, read, readTexts, realPause, refusalOf } from "./Subject.ts"

/** The log's clock is not ours; in milliseconds. */
const clockSlack = 2_000

const three: ReadonlyArray<LaneEntry> = [
  { topic: "ledger", ...entryOf("l") },
  { topic: "quarantine", ...entryOf("q0") },
  { topic: "positions", ...entryOf("p") },
  { topic: "quarantine", ...entryOf("q1") }
]

const threeTopics = (log: Log["Service"]) =>
  Effect.all([
    readTexts(log, { topic: "ledger" }),
    readTexts(log, { topic: "quarantine" }),
    readTexts(log, { topic: "positions" })
  ])

const afterKill: Check = {
  name: "what an append or commit answered is there after a kill, and offsets go on",
  run: Effect.fnUntraced(function*(subject) {
    const first = yield* subject.open
    yield* first.log.append("flow", 0, entriesOf("a", 3))
    const writer = yield* first.log.claim(0)
    yield* writer.commit(three)
    yield* first.kill
    const { log } = yield* subject.open
    assert.deepStrictEqual(yield* readTexts(log, { topic: "flow" }), ["a-0", "a-1", "a-2"])
    assert.deepStrictEqual(yield* threeTopics(log), [["l"], ["q0", "q1"], ["p"]])
    assert.deepStrictEqual(yield* log.append("flow", 0, entriesOf("b", 1)), { baseOffset: 3 })
  })
}

const commitAcrossKill: Check = {
  name: "a commit is in all of its topics or in none, also when killed in the middle",
  run: Effect.fnUntraced(function*(subject) {
    for (let round = 0; round < 6; round++) {
      const open = yield* subject.open
      const writer = yield* open.log.claim(0)
      yield* Effect.forkChild(writer.commit(three), { startImmediately: true })
      // Where a commit takes many steps, the kill comes after another one in each round.
      yield* realPause(round * 2)
      yield* open.kill
      const again = yield* subject.open
      // What was left open is settled by the next claim; before it a reader may have to wait.
      yield* again.log.claim(0)
      const [ledger, quarantine, positions] = yield* threeTopics(again.log)
      assert.strictEqual(quarantine.length, ledger.length * 2)
      assert.strictEqual(positions.length, ledger.length)
      yield* again.kill
    }
  })
}

const allExpired: Check = {
  name: "a topic whose records have all expired goes on at its next offset after a restart, not at 0",
  run: Effect.fnUntraced(function*(subject) {
    const first = yield* subject.open
    yield* first.log.append("flow", 0, entriesOf("a", 5))
    yield* first.expire("flow", 0, 5)
    assert.deepStrictEqual(yield* first.log.bounds("flow", 0), { earliest: 5, stable: 5, next: 5 })
    yield* first.kill
    const { log } = yield* subject.open
    assert.deepStrictEqual(yield* log.bounds("flow", 0), { earliest: 5, stable: 5, next: 5 })
    assert.deepStrictEqual(yield* log.append("flow", 0, entriesOf("b", 1)), { baseOffset: 5 })
    assert.deepStrictEqual(yield* readTexts(log, { topic: "flow", from: 5 }), ["b-0"])
  })
}

const times: Check = {
  name: "append times never go back, not even over a restart",
  needs: "test clock",
  run: Effect.fnUntraced(function*(subject) {
    const first = yield* subject.open
    yield* TestClock.setTime(9_000)
    yield* first.log.append("audit", 0, entriesOf("a", 1))
    yield* TestClock.setTime(5_000)
    yield* first.log.append("audit", 0, entriesOf("b", 1))
    yield* first.kill
    const { log } = yield* subject.open
    yield* log.append("audit", 0, entriesOf("c", 1))
    yield* TestClock.setTime(9_500)
    yield* log.append("audit", 0, entriesOf("d", 1))
    const records = yield* read(log, { topic: "audit" })
    assert.deepStrictEqual(records.map(({ time }) => time), [9_000, 9_000, 9_000, 9_500])
  })
}

const realTimes: Check = {
  name: "append times are those of the appends and never go back, not even over a restart",
  needs: "real clock",
  run: Effect.fnUntraced(function*(subject) {
    const before = yield* Clock.currentTimeMillis
    const first = yield* subject.open
    yield* first.log.append("audit", 0, entriesOf("a", 2))
    yield* first.log.append("audit", 0, entriesOf("b", 1))
    yield* first.kill
    const { log } = yield* subject.open
    yield* log.append("audit", 0, entriesOf("c", 1))
    const times = (yield* read(log, { topic: "audit" })).map(({ time }) => time)
    const after = yield* Clock.currentTimeMillis
    assert.deepStrictEqual(times, times.toSorted((one, other) => one - other))
    assert.isTrue(times.every((time) => time >= before - clockSlack && time <= after + clockSlack))
  })
}

/** 1.8 MB: more than implementations store in one piece, so that the space may end in the middle. */
const large: ReadonlyArray<Entry> = Array.from({ length: 6 }, () => ({
  key: "k",
  value: new Uint8Array(300_000).fill(0x7a)
}))

/** Appends until it has failed with `LogFull`; answers how many were taken before. */
const fill = Effect.fnUntraced(function*(log: Log["Service"]) {
  for (let taken = 0; taken < 64; taken++) {
    const result = yield* Effect.exit(log.append("flow", 0, large))
    if (Exit.isSuccess(result)) continue
    assert.strictEqual((yield* refusalOf(result))._tag, "LogFull")
    return taken
  }
  return assert.fail("a full log took everything")
})

const full: Check = {
  name: "a full disk refuses with LogFull, loses nothing, and works again when there is space",
  needs: "full disk",
  run: Effect.fnUntraced(function*(subject) {
    const first = yield* subject.open
    const setFull = first.setFull ?? (() => Effect.die("this log has no disk that fills"))
    // Expired first, so that there is some room, but not for all of an append.
    yield* first.log.append("audit", 0, [...large, ...large.slice(0, 3)])
    yield* first.expire("audit", 0, 9)
    yield* first.log.append("flow", 0, entriesOf("a", 2))
    yield* setFull(true)
    const taken = yield* fill(first.log)
    assert.strictEqual((yield* read(first.log, { topic: "flow" })).length, 2 + 6 * taken)
    yield* setFull(false)
    const { baseOffset } = yield* first.log.append("flow", 0, entriesOf("b", 1))
    assert.strictEqual(baseOffset, 2 + 6 * taken)
    yield* first.kill
    const { log } = yield* subject.open
    const texts = yield* readTexts(log, { topic: "flow" })
    assert.deepStrictEqual([texts[0], texts[1], texts.at(-1)], ["a-0", "a-1", "b-0"])
    assert.strictEqual(texts.length, 3 + 6 * taken)
  })
}

const interruptedAppend: Check = {
  name: "an interrupted append is there as a whole or not at all, and harms no other",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    for (let round = 0; round < 20; round++) {
      const fiber = yield* Effect.forkChild(log.append("flow", 0, entriesOf(`lost${round}`, 3)), {
        startImmediately: round % 2 === 0
      })
      yield* Fiber.interrupt(fiber)
      yield* log.append("flow", 0, entriesOf(`kept${round}`, 1))
    }
    const texts = yield* readTexts(log, { topic: "flow" })
    for (let round = 0; round < 20; round++) {
      const found = texts.filter((text) => text?.startsWith(`lost${round}-`))
      if (found.length > 0) assert.deepStrictEqual(found, [0, 1, 2].map((index) => `lost${round}-${index}`))
      assert.strictEqual(texts.filter((text) => text === `kept${round}-0`).length, 1)
    }
  })
}

const interruptedCommit: Check = {
  name: "interrupting a commit's caller leaves all of the commit or nothing, and the next claim sees which",
  run: Effect.fnUntraced(function*(subject) {
    const { log } = yield* subject.open
    for (let round = 0; round < 10; round++) {
      const writer = yield* log.claim(0)
      yield* Effect.forkChild(writer.commit(three), { startImmediately: round % 2 === 0 }).pipe(
        Effect.flatMap(Fiber.interrupt)
      )
      yield* log.claim(0)
      const [ledger, quarantine, positions] = yield* threeTopics(log)
      assert.deepStrictEqual([quarantine.length, positions.length], [ledger.length * 2, ledger.length])
    }
  })
}

export const durability: ReadonlyArray<Check> = [
  afterKill,
  commitAcrossKill,
  allExpired,
  times,
  realTimes,
  full,
  interruptedAppend,
  interruptedCommit
]

/** Random histories: the embedded log answers what the log in memory answers. */
import { assert, describe, it } from "@effect/vitest"
import { type Entry, type Log, makeMemoryLog, type Offset, recordsOf, type Topic } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Exit, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

const hour = 3_600_000
const topics = ["flow", "ledger"] as const

const entries: fc.Arbitrary<ReadonlyArray<Entry>> = fc.array(
  fc.record({
    key: fc.constantFrom("a", "b", null),
    value: fc.option(fc.integer({ min: 0, max: 300_000 }).map((length) => new Uint8Array(length).fill(0x62))),
    headers: fc.constantFrom({}, { reason: "x" })
  }),
  { minLength: 1, maxLength: 12 }
)

const step = fc.record({
  kind: fc.constantFrom("append", "append", "append", "commit", "retain", "reopen"),
  topic: fc.constantFrom<Topic>(...topics),
  entries,
  /** Where to read from, as a share of the lane. */
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  hours: fc.integer({ min: 0, max: 5 })
})
type Step = Parameters<Parameters<typeof step.map>[0]>[0]

const readFrom = Effect.fnUntraced(function*(log: Log["Service"], topic: Topic, from: Offset) {
  const { next } = yield* log.bounds(topic, 0)
  if (from >= next) return []
  const chunks = yield* log.follow(topic, 0, from).pipe(
    Stream.map((chunk) => ({ records: recordsOf(chunk), next: chunk.next })),
    Stream.takeUntil((chunk) => chunk.next >= next),
    Stream.runCollect
  )
  return chunks.flatMap(({ records }) =>
    records.map(({ headers = {}, key, offset, time, value }) =>
      `${offset} ${time} ${key} ${value?.length} ${headers["reason"]}`
    )
  )
})

/** What one can ask of a lane, as plain data. */
const view = Effect.fnUntraced(function*(log: Log["Service"], topic: Topic, { hours, share }: Step) {
  const { earliest, next, stable } = yield* log.bounds(topic, 0)
  const from = earliest + Math.floor(share * (next - earliest))
  const byTime = yield* log.offsetAt(topic, 0, hours * 3 * hour)
  const records = yield* readFrom(log, topic, from)
  const before = earliest === 0
    ? "nothing expired"
    : (yield* Effect.flip(Stream.runDrain(log.follow(topic, 0, earliest - 1)))).message
  return { earliest, next, stable, byTime, records, before }
})

const write = (log: Log["Service"], { entries, kind, topic }: Step) =>
  kind === "append"
    ? Effect.asVoid(log.append(topic, 0, entries))
    : Effect.scoped(Effect.flatMap(log.claim(0), (writer) =>
      writer.commit(entries.map((entry, index) => ({ ...entry, topic: topics[index % 2] ?? topic })))))

const retentionMillis = { flow: 6 * hour, ledger: 9 * hour }

const runHistory = Effect.fnUntraced(function*(steps: ReadonlyArray<Step>) {
  const directory = yield* temporaryDirectory
  const memory = makeMemoryLog({ lanes: 1, retentionMillis, markerOffsets: 0 })
  const openEmbedded = Effect.fnUntraced(function*() {
    const scope = yield* Scope.make()
    const opened = yield* LogSqlite.open({ directory, lanes: 1, retentionMillis }).pipe(Scope.provide(scope))
    return { ...opened, close: Scope.close(scope, Exit.void) }
  })
  let embedded = yield* openEmbedded()
  let now = 0
  for (const each of steps) {
    now += each.hours * hour
    yield* TestClock.setTime(now)
    if (each.kind === "append" || each.kind === "commit") {
      yield* write(memory.log, each)
      yield* write(embedded.log, each)
    } else if (each.kind === "reopen") {
      yield* embedded.close
      embedded = yield* openEmbedded()
    }
    // The clock may have woken the retention of the embedded log: both retain after every step.
    memory.retain(now)
    yield* embedded.maintain
    for (const topic of topics) {
      assert.deepStrictEqual(yield* view(embedded.log, topic, each), yield* view(memory.log, topic, each))
    }
  }
  yield* embedded.close
})

describe("random histories", () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it.effect(`seed ${seed}: embedded and in memory answer the same`, () =>
      Effect.forEach(
        fc.sample(fc.array(step, { minLength: 5, maxLength: 14 }), { seed, numRuns: 1 }),
        runHistory,
        { discard: true }
      ))
  }
})

import { assert, describe, it } from "@effect/vitest"
import { type Log, recordsOf, type Topic } from "@tailrace/log"
import { LogSqlite } from "@tailrace/log-sqlite"
import { Effect, Stream } from "effect"
import { startWriter } from "./StartWriter.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"
import { threeEntries } from "./Threes.ts"

const decoder = new TextDecoder()

/** Every record of a topic's only lane, by key, in order. */
const byNumber = Effect.fnUntraced(function*(log: Log["Service"], topic: Topic) {
  const { next } = yield* log.bounds(topic, 0)
  if (next === 0) return new Map<string | null, ReadonlyArray<string>>()
  const chunks = yield* log.follow(topic, 0, 0).pipe(
    Stream.map((chunk) => ({ records: recordsOf(chunk), next: chunk.next })),
    Stream.takeUntil((chunk) => chunk.next >= next),
    Stream.runCollect
  )
  const records = chunks.flatMap(({ records }) => records)
  return new Map(
    [...Map.groupBy(records, ({ key }) => key)].map(([key, list]) =>
      [key, list.map(({ value }) => decoder.decode(value ?? undefined))] as const
    )
  )
})

const expectedOf = (number: string | null): ReadonlyArray<string> =>
  threeEntries(Number(number)).map(({ value }) => decoder.decode(value ?? undefined))

/** Each number is whole and once in its topics; answers the numbers. */
const verify = Effect.fnUntraced(function*(log: Log["Service"]) {
  const flow = yield* byNumber(log, "flow")
  const ledger = yield* byNumber(log, "ledger")
  const audit = yield* byNumber(log, "audit")
  assert.deepStrictEqual([...ledger.keys()], [...audit.keys()])
  for (const [number, texts] of [...flow, ...ledger, ...audit]) {
    assert.isTrue(texts.join("|") === expectedOf(number).join("|"), `number ${number} is not whole`)
  }
  return new Set([...flow.keys(), ...ledger.keys()])
})

const rounds = 5

describe("kill -9", () => {
  it.live("what was answered is there, what was not is whole or absent", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const answered = new Set<string>()
      for (let round = 0; round < rounds; round++) {
        const writer = startWriter(directory, round * 1_000_000)
        yield* writer.said(5 + round * 40)
        yield* Effect.sleep(`${round * 3} millis`)
        yield* writer.kill
        assert.strictEqual(writer.lines[0], "ready")
        for (const line of writer.lines.slice(1)) answered.add(line)
        const present = yield* Effect.scoped(
          Effect.flatMap(LogSqlite.open({ directory, lanes: 1 }), ({ log }) => verify(log))
        )
        assert.deepStrictEqual([...answered].filter((number) => !present.has(number)), [])
        // At most the two writes in flight at each kill may be there without having been answered.
        assert.isAtMost(present.size - answered.size, 2 * (round + 1))
      }
      assert.isAbove(answered.size, 300)
    }).pipe(Effect.scoped), 120_000)

  it.live("a second process is refused at once, with a sentence", () =>
    Effect.gen(function*() {
      const directory = yield* temporaryDirectory
      const first = startWriter(directory)
      yield* first.said(2)
      const refused = yield* Effect.flip(LogSqlite.open({ directory, lanes: 1 }))
      assert.strictEqual(refused.message, `the data in ${directory} is in use by another process`)
      const second = startWriter(directory)
      const { code, errors } = yield* second.ended
      assert.strictEqual(code, 1)
      assert.include(errors, "in use by another process")
      yield* first.kill
      const { log } = yield* LogSqlite.open({ directory, lanes: 1 })
      yield* verify(log)
    }).pipe(Effect.scoped), 120_000)
})

/** What the contract suite asks of a test: how to open, kill and squeeze the implementation under test. */
import { assert } from "@effect/vitest"
import { Clock, Effect, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { type Chunk, type LogRecord, recordsOf } from "../Chunk.ts"
import type { Entry, Lane, Log, Offset, Topic } from "../Log.ts"
import type { Fenced, LogError } from "../LogError.ts"

/** The log as one process has it open. */
export interface OpenLog {
  readonly log: Log["Service"]
  /** Ends this process as `kill -9` does: nothing is drained or closed. */
  readonly kill: Effect.Effect<void>
  /** Retention: everything before `before`, which begins an append, is gone. */
  expire(topic: Topic, lane: Lane, before: Offset): Effect.Effect<void>
  /** While true there is no more space: what needs some fails with `LogFull`. Only with a "full disk". */
  setFull?(full: boolean): Effect.Effect<void>
}

/** One test's data, at first empty, with two lanes. */
export interface Subject {
  /** Opens the log on this test's data; the one opened before must have ended. */
  readonly open: Effect.Effect<OpenLog, never, Scope.Scope>
}

/** What a test must have to see a promise kept; an implementation has one of the two clocks. */
export type Means = "test clock" | "real clock" | "full disk"

/** One promise of the port. It fails by dying or failing. */
export interface Check {
  readonly name: string
  /** Without these the check is left out. */
  readonly needs?: Means
  readonly run: (subject: Subject) => Effect.Effect<void, Fenced | LogError, Scope.Scope>
}

/** That an error has these fields, whatever else it has. */
export const assertFields = (error: object, fields: Readonly<Record<string, string | number>>): void => {
  for (const [name, value] of Object.entries(fields)) assert.strictEqual(Reflect.get(error, name), value)
}

/** The error of an effect that must fail; it dies if it succeeds. */
export const refusalOf = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<E, never, R> =>
  Effect.orDie(Effect.flip(effect))

/** Lets real time pass, whichever clock the test has. */
export const realPause = Effect.fnUntraced(function*(millis: number) {
  const isTestClock = "adjust" in (yield* Clock.Clock)
  yield* isTestClock ? TestClock.withLive(Effect.sleep(millis)) : Effect.sleep(millis)
})

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const bytesOf = (text: string): Uint8Array => encoder.encode(text)

export const textOf = ({ value }: LogRecord): string | null => value === null ? null : decoder.decode(value)

export const entryOf = (text: string, key: string | null = "example.com"): Entry => ({ key, value: bytesOf(text) })

/** `count` entries whose values are `<name>-0`, `<name>-1`, … */
export const entriesOf = (name: string, count: number): ReadonlyArray<Entry> =>
  Array.from({ length: count }, (_, index) => entryOf(`${name}-${index}`))

export interface Range {
  readonly topic: Topic
  readonly lane?: Lane
  readonly from?: Offset
  /** Default: the end of the lane now. */
  readonly until?: Offset
}

/** Follows until a chunk reaches `until`, turning each chunk into something that may be kept. */
export const chunksOf = Effect.fnUntraced(
  function*<A>(log: Log["Service"], range: Range, copy: (chunk: Chunk) => A) {
    const { from = 0, lane = 0, topic } = range
    const until = range.until ?? (yield* log.bounds(topic, lane)).next
    if (from >= until) return []
    return yield* log.follow(topic, lane, from).pipe(
      Stream.map((chunk) => ({ copied: copy(chunk), next: chunk.next })),
      Stream.takeUntil(({ next }) => next >= until),
      Stream.map(({ copied }) => copied),
      Stream.runCollect
    )
  }
)

export const read = (log: Log["Service"], range: Range): Effect.Effect<ReadonlyArray<LogRecord>, LogError> =>
  Effect.map(chunksOf(log, range, recordsOf), (chunks) => chunks.flat())

export const readTexts = (log: Log["Service"], range: Range): Effect.Effect<ReadonlyArray<string | null>, LogError> =>
  Effect.map(read(log, range), (records) => records.map(textOf))

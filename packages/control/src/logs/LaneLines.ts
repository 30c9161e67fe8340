/** The records of one tailnet on one lane that were logged in a range. One chunk of the lane is in memory at a time. */
import { type TailnetName, tailnetOfKey } from "@tailrace/domain"
import { type Chunk, type Lane, type Log, type LogError, RecordsExpired } from "@tailrace/log"
import { Effect, Stream } from "effect"
import { millisOf } from "../Time.ts"
import { type LoggedLine, loggedLine } from "./LoggedLine.ts"

/** Nanoseconds since the epoch, both inclusive. */
export interface Range {
  readonly start: bigint
  readonly end: bigint
}

export interface Wanted extends Range {
  readonly topic: "audit" | "flow"
  readonly tailnet: TailnetName
}

/** A record is appended after it was logged: clocks of producers may be ahead by so much … */
const clockSlackMillis = 60_000

/** … and a record may come so much later; what comes later still is not looked for in its old place. */
const latenessMillis = 3_600_000

const text = new TextDecoder()

const lineAt = (chunk: Chunk, index: number): LoggedLine => {
  const start = chunk.starts[index] ?? 0
  const value = chunk.bytes.subarray(start, start + (chunk.lengths[index] ?? 0))
  return loggedLine(text.decode(value), chunk.times[index] ?? 0)
}

const ownLines = (chunk: Chunk, { end, start, tailnet }: Wanted): ReadonlyArray<LoggedLine> => {
  const isOwn = chunk.keys.map((key) => key !== null && tailnetOfKey(key) === tailnet)
  const lines: Array<LoggedLine> = []
  for (let index = 0; index < chunk.count; index++) {
    if (isOwn[chunk.keyOf[index] ?? 0] !== true || (chunk.lengths[index] ?? -1) < 0) continue
    const line = lineAt(chunk, index)
    if (line.logged >= start && line.logged <= end) lines.push(line)
  }
  return lines
}

const isBeyond = (chunk: Chunk, { end }: Wanted): boolean =>
  (chunk.times[chunk.count - 1] ?? 0) > millisOf(end) + latenessMillis

/** Ends where the lane ended when it was called. */
export const laneLines = (
  log: Log["Service"],
  lane: Lane,
  wanted: Wanted
): Effect.Effect<Stream.Stream<LoggedLine, LogError>, LogError> =>
  Effect.gen(function*() {
    const { earliest, stable } = yield* log.bounds(wanted.topic, lane)
    const first = yield* log.offsetAt(wanted.topic, lane, millisOf(wanted.start) - clockSlackMillis)
    const from = Math.max(first, earliest)
    if (from >= stable) return Stream.empty
    return log.follow(wanted.topic, lane, from).pipe(
      Stream.takeUntil((chunk) => chunk.next >= stable || isBeyond(chunk, wanted)),
      Stream.map((chunk) => ownLines(chunk, wanted)),
      Stream.flattenIterable,
      // Retention passed by between looking and reading: what is gone is gone.
      Stream.catchIf((error) => error instanceof RecordsExpired, () => Stream.empty)
    )
  })

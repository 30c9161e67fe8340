/** Reads a log that no process serves any more: what was appended is the truth that objects are held against. */
import { type Lane, Log, type LogRecord, recordsOf, type Topic } from "@tailrace/log"
import { Effect, Stream } from "effect"

/** All records of one lane of a topic, in order of their offsets. */
export interface LaneRecords {
  readonly lane: Lane
  readonly records: ReadonlyArray<LogRecord>
}

const readLane = Effect.fnUntraced(function*(topic: Topic, lane: Lane) {
  const log = yield* Log
  const { earliest, next } = yield* log.bounds(topic, lane)
  const records: Array<LogRecord> = []
  if (earliest === next) return { lane, records }
  yield* log.follow(topic, lane, earliest).pipe(
    Stream.map((chunk) => {
      for (const record of recordsOf(chunk)) records.push(record)
      return chunk.next
    }),
    Stream.takeUntil((position) => position >= next),
    Stream.runDrain
  )
  return { lane, records }
})

/** Every lane of the topic; all values in memory. */
export const readTopic = Effect.fn("readTopic")(function*(topic: Topic) {
  const { lanes } = yield* Log
  return yield* Effect.forEach(Array.from({ length: lanes }, (_, lane) => lane), (lane) => readLane(topic, lane))
})

/**
 * The one reader of a lane and topic that is always at the front. It hands each chunk out in one synchronous pass and
 * never waits for a destination: a leg that cannot take a record falls behind, and is caught up by others.
 */
import { tailnetOfKey } from "@tailrace/domain"
import { type Chunk, Log, type LogError, type RecordsExpired } from "@tailrace/log"
import { Effect, Stream } from "effect"
import type { Memory } from "../gather/Memory.ts"
import { check, type Checked } from "./Checked.ts"
import { handOut } from "./handOut.ts"
import type { LaneTopic, Reading } from "./LaneTopic.ts"
import type { Strays } from "./Strays.ts"

export interface LiveReaderOptions {
  readonly topic: LaneTopic
  readonly memory: Memory
  readonly strays: Strays
  /** Largest record that is one. */
  readonly recordBytes: number
  /** Retention has overtaken the reader itself: the leg has lost what it had not been given. */
  readonly expired: (reading: Reading) => void
}

const liveTakers = (topic: LaneTopic) => (tailnet: string): Iterable<Reading> | undefined => {
  const readings = topic.readings.get(tailnet)
  return readings === undefined ? undefined : [...readings].filter((reading) => reading.intake.mode === "live")
}

const pass = (topic: LaneTopic, checked: Checked): void => {
  handOut({
    checked,
    takers: liveTakers(topic),
    stuffed: (reading, offset) => topic.fallBehind(reading, offset)
  })
  topic.next = checked.chunk.next
  if (checked.chunk.mark !== "") topic.mark = checked.chunk.mark
}

const tailnetsOf = (chunk: Chunk): ReadonlyArray<string> =>
  chunk.keys.flatMap((key) => key === null ? [] : [tailnetOfKey(key)])

const overtaken = (options: LiveReaderOptions, { earliest }: RecordsExpired) =>
  Effect.sync(() => {
    const { expired, topic } = options
    for (const readings of topic.readings.values()) {
      for (const reading of readings) {
        if (reading.intake.mode !== "live" || reading.intake.at >= earliest) continue
        topic.fallBehind(reading, topic.positionOf(reading.intake))
        reading.intake.expiredTo = earliest
        expired(reading)
      }
    }
    topic.next = earliest
    topic.done = earliest
  })

/** Runs until the log fails; after `RecordsExpired` it goes on at the earliest record. */
export const liveReader = (options: LiveReaderOptions): Effect.Effect<never, LogError, Log> => {
  const { memory, strays, topic } = options

  const take = Effect.fnUntraced(function*(chunk: Chunk) {
    yield* topic.mayRead.await
    yield* strays.meet(tailnetsOf(chunk))
    const checked = check(chunk, options.recordBytes)
    pass(topic, checked)
    yield* strays.quarantine(topic, checked)
    topic.done = topic.next
    yield* memory.relieve
  })

  return Log.use((log) => log.follow(topic.topic, topic.lane, topic.next).pipe(Stream.runForEach(take))).pipe(
    Effect.catchTag("RecordsExpired", (error) => overtaken(options, error)),
    Effect.forever
  )
}

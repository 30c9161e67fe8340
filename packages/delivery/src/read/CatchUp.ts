/**
 * Reads the lane again for the legs that are behind. They are grouped by how far: a turn reads from the oldest of one
 * group on and feeds every leg it meets, and the groups take turns. A group spans a factor of four, so all groups
 * together read little more than what the oldest one needs, and a leg that is nearly there never waits for one that
 * is days behind.
 */
import { type Chunk, Log, type LogError, type Offset, type RecordsExpired } from "@tailrace/log"
import { Effect, Stream } from "effect"
import type { Memory } from "../gather/Memory.ts"
import type { Limits } from "../Limits.ts"
import { check } from "./Checked.ts"
import { handOut } from "./handOut.ts"
import type { LaneTopic, Reading } from "./LaneTopic.ts"

export interface CatchUpOptions {
  readonly topic: LaneTopic
  readonly memory: Memory
  readonly limits: Limits
  /** Retention has overtaken the leg. */
  readonly expired: (reading: Reading) => void
}

const groupOf = (topic: LaneTopic, reading: Reading): number =>
  Math.floor(Math.log2(Math.max(1, topic.next - reading.intake.at)) / 2)

const oldest = (readings: ReadonlyArray<Reading>): Offset => Math.min(...readings.map(({ intake }) => intake.at))

const hungryOf = (topic: LaneTopic): ReadonlyArray<Reading> =>
  [...topic.catching].filter((reading) => reading.intake.isHungry)

/** Those that have nothing left to read go live; no record can come between, since nothing waits here. */
const handOver = (topic: LaneTopic, readings: ReadonlyArray<Reading>): void => {
  for (const reading of readings) if (reading.intake.at >= topic.next) topic.attach(reading)
}

/** Feeds the legs whose place lies in the chunk. */
const pass = ({ limits: { recordBytes }, topic }: CatchUpOptions, chunk: Chunk): void => {
  const met = hungryOf(topic).filter(({ intake }) => intake.at >= chunk.from && intake.at < chunk.next)
  const byTailnet = Map.groupBy(met, (reading) => reading.tailnet)
  const stopped = new Map<Reading, Offset>()
  handOut({
    checked: check(chunk, recordBytes),
    takers: (tailnet) => byTailnet.get(tailnet),
    stuffed: (reading, offset) => stopped.set(reading, offset)
  })
  for (const reading of met) reading.intake.passed(stopped.get(reading) ?? chunk.next)
  handOver(topic, met.filter((reading) => reading.intake.isHungry))
}

const overtaken = ({ expired, topic }: CatchUpOptions, error: RecordsExpired) =>
  Effect.sync(() => {
    for (const reading of hungryOf(topic)) {
      if (reading.intake.at >= error.earliest) continue
      reading.intake.expiredTo = error.earliest
      expired(reading)
    }
  })

/** Reads from `from` until a share is read or nobody in it is left to feed. */
const turn = (options: CatchUpOptions, from: Offset): Effect.Effect<void, LogError, Log> => {
  const { limits, memory, topic } = options
  let bytes = 0
  const take = Effect.fnUntraced(function*(chunk: Chunk) {
    bytes += chunk.bytes.length
    pass(options, chunk)
    yield* memory.relieve
  })
  const isOver = (chunk: Chunk) =>
    bytes >= limits.turnBytes || !hungryOf(topic).some(({ intake }) => intake.at === chunk.next)
  return Log.use((log) =>
    log.follow(topic.topic, topic.lane, from).pipe(
      Stream.tap(take),
      Stream.takeUntil(isOver),
      Stream.runDrain
    )
  ).pipe(Effect.catchTag("RecordsExpired", (error) => overtaken(options, error)))
}

/** The last stretch: the live reader waits, so that the catch-up reader surely reaches it. */
const lastTurn = (options: CatchUpOptions, from: Offset) => {
  const { topic } = options
  return Effect.sync(() => topic.mayRead.closeUnsafe()).pipe(
    Effect.andThen(turn(options, from)),
    Effect.ensuring(Effect.sync(() => topic.mayRead.openUnsafe()))
  )
}

export const catchUp = (options: CatchUpOptions): Effect.Effect<never, LogError, Log> => {
  const { limits, topic } = options
  let last = -1

  const step = Effect.gen(function*() {
    handOver(topic, hungryOf(topic))
    const groups = Map.groupBy(hungryOf(topic), (reading) => groupOf(topic, reading))
    const order = [...groups.keys()].sort((a, b) => a - b)
    const group = order.find((candidate) => candidate > last) ?? order[0]
    if (group === undefined) {
      topic.hungry.closeUnsafe()
      return yield* topic.hungry.await
    }
    last = group
    const from = oldest(groups.get(group) ?? [])
    const isNear = topic.next - from <= limits.handOverOffsets
    yield* isNear ? lastTurn(options, from) : turn(options, from)
  })
  return Effect.forever(step)
}

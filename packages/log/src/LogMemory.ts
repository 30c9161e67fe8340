/**
 * The log in memory: complete, deterministic under the caller's Clock, and with a handle for what happens *to* a log
 * (retention, truncation, a full disk, a hanging foreign transaction). For tests and the simulation; it keeps nothing
 * when the process ends.
 */
import { Clock, Effect, Layer, Stream } from "effect"
import { type LogRecord } from "./Chunk.ts"
import {
  type Entry,
  type Lane,
  type LaneEntry,
  type LaneWriter,
  Log,
  type Offset,
  type Ownership,
  type Topic
} from "./Log.ts"
import { topics } from "./Log.ts"
import { Fenced, type LogError, LogFull } from "./LogError.ts"
import { followMemory } from "./MemoryFollow.ts"
import * as MemoryLane from "./MemoryLane.ts"
import { tooLarge } from "./RecordLimit.ts"
import { defaultRetentionMillis } from "./Retention.ts"

export interface MemoryLogOptions {
  readonly lanes: number
  /** Default: `defaultRetentionMillis`. Applied only by `retain`, never by itself. */
  readonly retentionMillis?: Partial<Readonly<Record<Topic, number>>>
  /** Offsets left out behind each commit, as transaction markers do on Kafka. Default 1; 0 makes offsets dense. */
  readonly markerOffsets?: number
}

/** How one process sees the log: by default it owns all lanes at once. */
export interface MemoryProcessOptions {
  readonly owned?: Stream.Stream<Ownership, LogError>
}

/**
 * The durable state and what a test can do to it. All methods are synchronous, and wake followers where they must.
 * Offsets and lanes as in the port.
 */
export interface MemoryLog {
  /** The log as the first process sees it; the same as `open()`. */
  readonly log: Log["Service"]
  /** The same durable state as another process sees it: claims of one fence the other's writers. */
  open(options?: MemoryProcessOptions): Log["Service"]
  /** What is stored and not expired; the values are not to be changed. */
  records(topic: Topic, lane: Lane): ReadonlyArray<LogRecord>
  /** Retention by hand: nothing before `before` is readable any more (beyond the end: all of it is gone). */
  expire(topic: Topic, lane: Lane, before: Offset): void
  /** Retention by time: what is older than the topic's `retentionMillis` at `now` expires. */
  retain(now: number): void
  /** Keeps the newest record of each key, leaving gaps. */
  compact(topic: Topic, lane: Lane): void
  /** Cuts the end off, as a broken cluster does: offsets from `to` on are given again. */
  truncate(topic: Topic, lane: Lane, to: Offset): void
  /** The topic is deleted and made anew: empty, from offset 0. */
  recreate(topic: Topic, lane: Lane): void
  /** Leaves out the next `count` offsets, as an aborted transaction does. */
  leaveOut(topic: Topic, lane: Lane, count: number): void
  /** A foreign transaction hangs from here on: `stable` and readers stop until the returned function is called. */
  hold(topic: Topic, lane: Lane): () => void
  /** While true, every append and commit fails with `LogFull` and takes nothing. */
  setFull(full: boolean): void
}

interface State {
  readonly options: MemoryLogOptions
  readonly lanes: Readonly<Record<Topic, ReadonlyArray<MemoryLane.MemoryLane>>>
  /** Number of the last claim of each lane. */
  readonly claims: Array<number>
  full: boolean
}

const makeState = (options: MemoryLogOptions): State => {
  const lanesOf = () => Array.from({ length: options.lanes }, MemoryLane.makeMemoryLane)
  return {
    options,
    lanes: {
      audit: lanesOf(),
      flow: lanesOf(),
      control: lanesOf(),
      ledger: lanesOf(),
      positions: lanesOf(),
      quarantine: lanesOf(),
      secrets: lanesOf()
    },
    claims: Array.from({ length: options.lanes }, () => 0),
    full: false
  }
}

const laneAt = (state: State, topic: Topic, lane: Lane): MemoryLane.MemoryLane => {
  const found = state.lanes[topic][lane]
  if (found === undefined) throw new RangeError(`the log has ${state.options.lanes} lanes, not lane ${lane}`)
  return found
}

const refusal = (state: State, entries: ReadonlyArray<Entry>): LogError | undefined =>
  tooLarge(entries) ?? (state.full ? new LogFull({ reason: "the memory log was set full" }) : undefined)

const append = (state: State, lane: MemoryLane.MemoryLane, entries: ReadonlyArray<Entry>) =>
  Effect.clockWith((clock) => {
    const error = refusal(state, entries)
    if (error !== undefined) return Effect.fail(error)
    const baseOffset = MemoryLane.appendTo(lane, entries, clock.currentTimeMillisUnsafe())
    MemoryLane.announce(lane)
    return Effect.succeed({ baseOffset })
  })

const byTopic = (entries: ReadonlyArray<LaneEntry>): ReadonlyMap<Topic, ReadonlyArray<LaneEntry>> =>
  Map.groupBy(entries, ({ topic }) => topic)

/** Everything in one synchronous step, so a crash or an interruption finds all of it or nothing. */
const commit = (state: State, lane: Lane, { entries, now }: { entries: ReadonlyArray<LaneEntry>; now: number }) => {
  const ends = new Map<Topic, Offset>()
  for (const [topic, written] of byTopic(entries)) {
    const target = laneAt(state, topic, lane)
    ends.set(topic, MemoryLane.appendTo(target, written, now) + written.length)
    target.next += state.options.markerOffsets ?? 1
  }
  for (const topic of ends.keys()) MemoryLane.announce(laneAt(state, topic, lane))
  return ends
}

const claim = (state: State, lane: Lane) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const number = (state.claims[lane] ?? 0) + 1
      state.claims[lane] = number
      let ended = false
      const end = () => {
        ended = true
      }
      const writer: LaneWriter = {
        lane,
        commit: (entries) =>
          Effect.flatMap(
            Clock.currentTimeMillis,
            (now): Effect.Effect<ReadonlyMap<Topic, Offset>, Fenced | LogError> => {
              const fenced = ended || state.claims[lane] !== number
              const error = fenced ? new Fenced({ lane }) : refusal(state, entries)
              if (error === undefined) return Effect.succeed(commit(state, lane, { entries, now }))
              end()
              return Effect.fail(error)
            }
          )
      }
      return { writer, end }
    }),
    ({ end }) => Effect.sync(end)
  ).pipe(Effect.map(({ writer }) => writer))

const allLanes = (lanes: number): Stream.Stream<Ownership> =>
  Stream.concat(Stream.make({ gained: Array.from({ length: lanes }, (_, lane) => lane), lost: [] }), Stream.never)

const open = (state: State, options: MemoryProcessOptions = {}): Log["Service"] =>
  Log.of({
    lanes: state.options.lanes,
    retentionMillis: { ...defaultRetentionMillis, ...state.options.retentionMillis },
    append: (topic, lane, entries) => Effect.suspend(() => append(state, laneAt(state, topic, lane), entries)),
    follow: (topic, lane, from) =>
      Stream.suspend(() => followMemory({ topic, lane, from, state: laneAt(state, topic, lane) })),
    bounds: (topic, lane) => Effect.sync(() => MemoryLane.boundsOf(laneAt(state, topic, lane))),
    offsetAt: (topic, lane, time) =>
      Effect.sync(() => {
        const { next, records } = laneAt(state, topic, lane)
        return records[MemoryLane.firstIndex(records, (record) => record.time >= time)]?.offset ?? next
      }),
    recognizes: (topic, lane, mark) => Effect.sync(() => MemoryLane.recognize(laneAt(state, topic, lane), mark)),
    owned: () => options.owned ?? allLanes(state.options.lanes),
    claim: (lane) => claim(state, lane)
  })

const retain = (state: State, now: number): void => {
  const retentionMillis = { ...defaultRetentionMillis, ...state.options.retentionMillis }
  for (const topic of topics) {
    for (const lane of state.lanes[topic]) {
      const first = MemoryLane.firstIndex(lane.records, (record) => record.time >= now - retentionMillis[topic])
      const before = lane.records[first]?.offset ?? lane.next
      if (first > 0) MemoryLane.expireBefore(lane, before)
    }
  }
}

/**
 * A log in memory with its handle.
 *
 * @example
 * ```ts
 * const memory = makeMemoryLog({ lanes: 2 })
 * const { baseOffset } = yield* memory.log.append("audit", 0, [{ key: "example.com", value }])
 * memory.expire("audit", 0, baseOffset + 1)
 * const program = deliver.pipe(Effect.provideService(Log, memory.open()))
 * ```
 */
export const makeMemoryLog = (options: MemoryLogOptions): MemoryLog => {
  const state = makeState(options)
  const change = (topic: Topic, lane: Lane, f: (lane: MemoryLane.MemoryLane) => void): void => {
    const target = laneAt(state, topic, lane)
    f(target)
    MemoryLane.announce(target)
  }
  return {
    log: open(state),
    open: (process) => open(state, process),
    records: (topic, lane) => laneAt(state, topic, lane).records,
    expire: (topic, lane, before) => change(topic, lane, (target) => MemoryLane.expireBefore(target, before)),
    retain: (now) => retain(state, now),
    compact: (topic, lane) => change(topic, lane, MemoryLane.compact),
    truncate: (topic, lane, to) => change(topic, lane, (target) => MemoryLane.truncateTo(target, to)),
    recreate: (topic, lane) => change(topic, lane, MemoryLane.recreate),
    leaveOut: (topic, lane, count) => change(topic, lane, (target) => void (target.next += count)),
    hold: (topic, lane) => {
      change(topic, lane, (target) => void (target.heldAt ??= target.next))
      return () => change(topic, lane, (target) => void (target.heldAt = undefined))
    },
    setFull: (full) => void (state.full = full)
  }
}

/** The log in memory as a layer, without its handle. */
export const layer = (options: MemoryLogOptions): Layer.Layer<Log> => Layer.sync(Log, () => makeMemoryLog(options).log)

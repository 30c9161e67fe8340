/**
 * The log port: ordered, durable, retained topics cut into lanes. Two real implementations (`log-sqlite`,
 * `log-kafka`) and one in memory pass the contract suite of this package. It is not a queue: nothing is
 * removed by reading, and positions belong to the reader.
 */
import { Context, type Effect, type Scope, type Stream } from "effect"
import type { Chunk } from "./Chunk.ts"
import type { Fenced, LogError } from "./LogError.ts"

/** Topics of DESIGN "The log"; all have the same number of lanes. */
export const topics = ["audit", "flow", "control", "ledger", "positions", "quarantine", "secrets"] as const
export type Topic = (typeof topics)[number]

/** Partition number, from 0. The same lane of all topics has one owner. */
export type Lane = number

/** Position of a record in one lane of one topic, from 0. Offsets rise, but are not dense. */
export type Offset = number

/** One record to append. `value: null` is a tombstone. Values are at most 1 MiB (`RecordTooLarge`). */
export interface Entry {
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
}

/** One record to commit, with the topic it goes to; the lane is the writer's. */
export interface LaneEntry extends Entry {
  readonly topic: Topic
}

/** `earliest`: oldest readable offset. `stable`: nothing before it can still appear. `next`: end of the lane. */
export interface Bounds {
  readonly earliest: Offset
  readonly stable: Offset
  readonly next: Offset
}

/** Whether a mark still names what the lane holds there. `gone`: retention took it, so nobody can tell. */
export type Recognition = "same" | "gone" | "other"

/** A change in the lanes that this process should serve. */
export interface Ownership {
  readonly gained: ReadonlyArray<Lane>
  readonly lost: ReadonlyArray<Lane>
}

/** The only writer of a lane, until the next claim fences it. */
export interface LaneWriter {
  readonly lane: Lane
  /**
   * Appends all entries or none, over several topics of the lane; durable when it returns. Answers the next offset
   * of each topic written, directly after the entries. One call at a time. Any error ends the writer: claim anew.
   * Interrupting the caller never interrupts the commit.
   */
  commit(entries: ReadonlyArray<LaneEntry>): Effect.Effect<ReadonlyMap<Topic, Offset>, Fenced | LogError>
}

/**
 * @example
 * ```ts
 * const log = yield* Log
 * const { baseOffset } = yield* log.append("audit", 0, [{ key: "example.com", value }])
 * yield* log.follow("audit", 0, baseOffset).pipe(Stream.runForEach(handle))
 * ```
 */
export class Log extends Context.Service<Log, {
  /** Number of lanes of every topic, fixed when the topics were created. */
  readonly lanes: number
  /** How long each topic keeps its records, in milliseconds; `Infinity`: forever (or compacted). */
  readonly retentionMillis: Readonly<Record<Topic, number>>
  /** Durable (fsync, acks=all) when it returns; at least once. Entries keep their order and get ascending offsets. */
  append(
    topic: Topic,
    lane: Lane,
    entries: ReadonlyArray<Entry>
  ): Effect.Effect<{ readonly baseOffset: Offset }, LogError>
  /**
   * Every record at or after `from`, then every new one; back-pressured, never ends. Fails with `RecordsExpired` when
   * `from` is older than the lane's start, with `OffsetBeyondEnd` when it lies after its end. A chunk's memory is
   * valid only until the next pull.
   */
  follow(topic: Topic, lane: Lane, from: Offset): Stream.Stream<Chunk, LogError>
  bounds(topic: Topic, lane: Lane): Effect.Effect<Bounds, LogError>
  /** The first offset appended at or after `time` (epoch milliseconds); beyond the end: `next`. */
  offsetAt(topic: Topic, lane: Lane, time: number): Effect.Effect<Offset, LogError>
  /**
   * Does the lane still hold the batch that `mark` (of a `Chunk`) names? `other`: the lane was cut off or created anew,
   * and has grown again since; positions in it mean nothing any more. The empty mark is always the same.
   */
  recognizes(topic: Topic, lane: Lane, mark: string): Effect.Effect<Recognition, LogError>
  /** Which lanes this process should serve; the first element is the present assignment. */
  owned(group: string): Stream.Stream<Ownership, LogError, Scope.Scope>
  /** Becomes the lane's only writer and fences the one before. */
  claim(lane: Lane): Effect.Effect<LaneWriter, LogError, Scope.Scope>
}>()("@tailrace/log/Log") {}

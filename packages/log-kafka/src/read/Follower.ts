/**
 * One reader of a lane: the sets that wait for it, the one it reads, and where it stands. Sets are decoded when the
 * consumer pulls, never before; all of this is synchronous, so nothing can come between.
 */
import { type Chunk, type Lane, type LogError, LogUnavailable, type Offset, type Topic } from "@tailrace/log"
import { Effect, Latch } from "effect"
import { RecordSetReader } from "../batch/RecordSetReader.ts"
import type { WaitingSet } from "./Held.ts"

/** From this on the follower is full, and is not asked for until it is pulled: one set ahead, rarely two. */
export const fullBytes = 256 * 1024

/** Why a follower has to find its place anew: another broker leads, the connection broke, the offset is refused. */
export type Displacement = "moved" | "unreachable" | "refused"

/** Where a follower is asked for. */
export interface Place {
  /** Something about a follower has changed: it may be asked for. */
  wake(): void
  remove(follower: Follower): void
}

export interface FollowerOptions {
  readonly topic: Topic
  readonly lane: Lane
  readonly from: Offset
}

export class Follower {
  readonly topic: Topic
  readonly lane: Lane
  /** `topic/lane`: two followers of one lane have the same. */
  readonly id: string
  readonly home: "records" | "events"
  /** Identity of the topic when this follower began; `-` where the cluster has none. */
  topicId = "-"
  /** Of the last record given out. */
  mark = ""
  /** The offset to ask for; undefined while only reading what waits can tell it. */
  fetchFrom: Offset | undefined
  place: Place | undefined
  /** Rises with each place: what was asked for in an earlier one counts no more. */
  placings = 0
  /** Failures since the last good answer. */
  failures = 0
  /** Since when it is a member of a place without being asked for, in epoch milliseconds. */
  leftOutSince: number | undefined
  /** Has been at the end of its lane, in this place. */
  isAtEnd = false
  displacement: Displacement | undefined
  /** Open while the follower has no place. */
  readonly displaced = Latch.makeUnsafe(false)
  private position: Offset
  private reader: RecordSetReader
  private inHand: WaitingSet | undefined
  private waiting: Array<WaitingSet> = []
  private failure: LogError | undefined
  /** The consumer waits for a chunk. */
  private isWaiting = false
  /** Its consumer stands still, and what it held was dropped: not asked for until it is pulled again. */
  private isParked = false
  private readonly arrived = Latch.makeUnsafe(false)

  constructor({ from, lane, topic }: FollowerOptions) {
    this.topic = topic
    this.lane = lane
    this.id = `${topic}/${lane}`
    this.home = topic === "audit" || topic === "flow" ? "records" : "events"
    this.position = from
    this.fetchFrom = from
    this.reader = new RecordSetReader({ topic, lane })
  }

  /** Has room, and it is known what to ask for. */
  get isReady(): boolean {
    return this.fetchFrom !== undefined && !this.isParked && this.waitingBytes < fullBytes
  }

  /** Where it goes on as far as is known. */
  get from(): Offset {
    return this.fetchFrom ?? this.position
  }

  /** The consumer waits, and there is nothing for it. */
  get isHungry(): boolean {
    return this.isWaiting && this.isReady
  }

  /** Arrival of the oldest set that it holds, in epoch milliseconds. */
  get holdsSince(): number {
    return (this.inHand ?? this.waiting[0])?.answer.arrivedAt ?? Infinity
  }

  private get waitingBytes(): number {
    let bytes = 0
    for (const set of this.waiting) bytes += set.bytes.length
    return bytes
  }

  get isHolding(): boolean {
    return this.inHand !== undefined || this.waiting.length > 0
  }

  accept(set: WaitingSet): void {
    this.waiting.push(set)
    this.fetchFrom = set.end
    this.arrived.openUnsafe()
  }

  /** Without a place until its lane's leader is found and what it has read is verified; what waits comes anew. */
  displace(why: Displacement): void {
    this.leave()
    if (why !== "refused") this.letGo()
    this.failures += 1
    this.displacement = why
    this.displaced.openUnsafe()
  }

  settle(place: Place): void {
    this.leave()
    this.displaced.closeUnsafe()
    this.displacement = undefined
    this.placings += 1
    this.isAtEnd = false
    this.place = place
  }

  /** The stream ends with this error, after what waits. */
  fail(error: LogError): void {
    this.failure ??= error
    this.leave()
    this.arrived.openUnsafe()
  }

  close(): void {
    this.leave()
    this.letGo()
  }

  /** Gives back what it holds; it will be asked for again. What the consumer has in hand stays as it is. */
  letGo(): void {
    if (this.inHand !== undefined) this.reader = new RecordSetReader({ topic: this.topic, lane: this.lane })
    this.inHand?.answer.giveBack()
    this.inHand = undefined
    this.isParked = !this.isWaiting
    this.dropWaiting()
  }

  private leave(): void {
    this.place?.remove(this)
    this.place = undefined
    this.leftOutSince = undefined
  }

  private dropWaiting(): void {
    for (const { answer } of this.waiting) answer.giveBack()
    this.waiting = []
    this.fetchFrom = this.position
  }

  /** The next chunk, as the port says; waits for one. */
  readonly pull: Effect.Effect<readonly [Chunk], LogError> = Effect.suspend(() => {
    const chunk = this.read()
    if (chunk !== undefined) return Effect.succeed([chunk] as const)
    if (this.failure !== undefined) return Effect.fail(this.failure)
    this.isWaiting = true
    this.isParked = false
    this.arrived.closeUnsafe()
    this.place?.wake()
    return Effect.flatMap(this.arrived.await, () => this.pull)
  })

  private read(): Chunk | undefined {
    while (this.inHand !== undefined || this.takeNext()) {
      const chunk = this.reader.next()
      if (chunk === undefined) this.finish()
      else if ("_tag" in chunk) return this.stop(`${chunk.reason}, offset ${chunk.offset}`)
      else return this.give(chunk)
    }
    return undefined
  }

  private takeNext(): boolean {
    const set = this.waiting.shift()
    if (set === undefined) return false
    this.isWaiting = false
    this.inHand = set
    this.reader.load({ bytes: set.bytes, from: this.position, aborted: set.aborted })
    this.place?.wake()
    return true
  }

  private give(chunk: Chunk): Chunk {
    this.position = chunk.next
    if (chunk.mark === "") return chunk
    this.mark = `${this.topicId}/${chunk.mark}`
    return { ...chunk, mark: this.mark, headersAt: (index) => chunk.headersAt(index) }
  }

  /** All of the set is read. What waits must go on from there, or it is asked for again. */
  private finish(): void {
    const set = this.inHand
    if (set === undefined) return
    this.inHand = undefined
    set.answer.giveBack()
    if (this.position <= set.from) this.stop(`no whole batch came, offset ${set.from}`)
    else if (set.end !== this.position) this.dropWaiting()
    this.place?.wake()
  }

  private stop(reason: string): undefined {
    this.letGo()
    this.fail(new LogUnavailable({ reason: `${this.id} cannot be read: ${reason}` }))
  }
}

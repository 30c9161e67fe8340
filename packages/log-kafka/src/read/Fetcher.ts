/**
 * The fetch loop of one connection to one broker: one Fetch in flight, for all of its followers that have room.
 *
 * What it holds is bounded: 8 MiB of answers that somebody has not read yet. When that is used up by consumers that
 * stand still, what they hold is dropped and asked for again later, so that they never starve the others.
 */
import type { LogUnavailable } from "@tailrace/log"
import { Clock, Effect, Latch } from "effect"
import { topicName } from "../KafkaOptions.ts"
import type { Reach } from "../topics/Command.ts"
import type { Cluster, Purpose } from "../wire/Cluster.ts"
import { type FetchAnswer, type FetchedPartition, fetchRecords } from "../wire/requests/Fetch.ts"
import type { Follower, Place } from "./Follower.ts"
import { Held, HeldAnswer } from "./Held.ts"
import { type Asked, planRound, type Round } from "./Round.ts"
import { endOfSet } from "./SetEnd.ts"
import { judge } from "./Verdict.ts"

export const heldBytes = 8 * 1024 * 1024
const answerBytes = 4 * 1024 * 1024
const laneBytes = 1024 * 1024
/** Only what is older is dropped for others' sake. */
const stillMillis = 1_000
/** Beyond the time that the broker may wait. */
const answerMillis = 5_000
const longestWaitMillis = 500
/** Newcomers pass through here: they must not wait for long. */
const catchUpWaitMillis = 50

export interface FetcherOptions {
  readonly cluster: Cluster["Service"]
  readonly reach: Reach
  readonly broker: number
  readonly purpose: Extract<Purpose, "records" | "events" | "catchUp">
  /** Where followers of this fetcher wait until they have reached the end. */
  readonly catchUp?: Fetcher
}

export class Fetcher implements Place {
  readonly options: FetcherOptions
  /** Longest without data first. */
  private members: Array<Follower> = []
  private readonly changed = Latch.makeUnsafe(false)
  private readonly held = new Held(() => this.wake())

  constructor(options: FetcherOptions) {
    this.options = options
  }

  get isIdle(): boolean {
    return this.members.length === 0
  }

  get followers(): ReadonlyArray<Follower> {
    return this.members
  }

  has({ id }: Follower): boolean {
    return this.members.some((member) => member.id === id)
  }

  wake(): void {
    this.changed.openUnsafe()
  }

  /** Those that come first are asked for first: they have had no data yet. */
  add(follower: Follower): void {
    follower.settle(this)
    this.members.unshift(follower)
    this.wake()
  }

  remove(follower: Follower): void {
    this.members = this.members.filter((member) => member !== follower)
    this.wake()
  }

  failAll(error: LogUnavailable): void {
    for (const follower of this.members) follower.fail(error)
  }

  /** Followers that are through with catching up come here, unless the lane is followed here already. */
  private takeOver(): void {
    const { catchUp, purpose } = this.options
    for (const follower of catchUp?.followers ?? []) {
      const isThrough = follower.isAtEnd && !follower.isHolding
      if (isThrough && follower.home === purpose && !this.has(follower)) this.adopt(follower)
    }
  }

  private adopt(follower: Follower): void {
    const { placings } = follower
    this.add(follower)
    // What was asked for over there counts: nothing else has changed.
    follower.placings = placings
  }

  private get room(): number {
    return heldBytes - this.held.bytes
  }

  private makeRoom(now: number): void {
    if (this.room >= laneBytes || !this.members.some(({ isHungry }) => isHungry)) return
    for (const follower of this.members) if (now - follower.holdsSince >= stillMillis) follower.letGo()
  }

  /** Asks again and again, for as long as there are followers. Never ends; what goes wrong concerns its followers. */
  get run(): Effect.Effect<never> {
    return Effect.forever(Effect.suspend(() => {
      this.changed.closeUnsafe()
      return Effect.flatMap(Clock.currentTimeMillis, (now) => this.turn(now))
    }))
  }

  private turn(now: number): Effect.Effect<void> {
    this.takeOver()
    this.makeRoom(now)
    if (this.room < laneBytes) return Effect.asVoid(Effect.timeoutOption(this.changed.await, stillMillis))
    const longest = this.options.purpose === "catchUp" ? catchUpWaitMillis : longestWaitMillis
    const round = planRound(this.members, { now, longestWaitMillis: longest })
    return round.asked.size === 0 ? this.idle : this.ask(round)
  }

  /** Nobody can be asked for. Who has caught up is fetched from time to time. */
  private get idle(): Effect.Effect<void> {
    if (this.options.catchUp?.isIdle !== false) return this.changed.await
    return Effect.asVoid(Effect.timeoutOption(this.changed.await, longestWaitMillis))
  }

  private ask(round: Round): Effect.Effect<void> {
    const { broker, cluster, purpose, reach } = this.options
    const { asked, maxWaitMillis } = round
    const partitions = Array.from(asked.values(), ({ first, offset }) => ({
      topic: topicName(reach, first.topic),
      lane: first.lane,
      offset,
      maxBytes: laneBytes
    }))
    const question = { maxWaitMillis, minBytes: 1, maxBytes: Math.min(answerBytes, this.room), partitions }
    return cluster.link(broker, purpose).pipe(
      Effect.flatMap((link) => link.call(fetchRecords, question, maxWaitMillis + answerMillis)),
      Effect.zipWith(Clock.currentTimeMillis, (answer, now) => this.takeIn(round, answer, now)),
      Effect.catch(() => Effect.sync(() => this.disperse()))
    )
  }

  /** The connection broke: what it has brought is verified before anything else is read. */
  private disperse(): void {
    for (const follower of this.members) follower.displace("unreachable")
  }

  private takeIn(round: Round, answer: FetchAnswer, now: number): void {
    if (answer.code !== 0) return this.disperse()
    const held = new HeldAnswer(this.held, answer.partitions.map(({ records }) => records), now)
    const { reach } = this.options
    const byName = new Map(
      Array.from(round.asked.values(), (asked) => [`${topicName(reach, asked.first.topic)}/${asked.first.lane}`, asked])
    )
    for (const part of answer.partitions) {
      const asked = byName.get(`${part.topic}/${part.lane}`)
      if (asked !== undefined) this.deal(asked, part, held)
    }
    held.giveBack()
  }

  private deal({ followers, offset }: Asked, part: FetchedPartition, held: HeldAnswer): void {
    const verdict = judge(part, this.options.reach)
    const end = endOfSet(part.records)
    for (const { follower, placing } of followers) {
      if (follower.place === undefined || follower.placings !== placing || follower.fetchFrom !== offset) continue
      if (verdict.kind === "displaced") follower.displace(verdict.why)
      else if (verdict.kind === "failed") follower.fail(verdict.error)
      else {
        follower.failures = 0
        follower.isAtEnd = (end ?? offset) >= part.stable
        if (part.records.length === 0) continue
        this.sendBack(follower)
        follower.accept({ from: offset, end, bytes: part.records, aborted: part.aborted, answer: held.take() })
      }
    }
  }

  /** It has had its data: the others come before it now. */
  private sendBack(follower: Follower): void {
    if (follower.place !== this) return
    this.members = [...this.members.filter((member) => member !== follower), follower]
  }
}

/**
 * A leg to a receiver: gathers batches of raw records, cuts parcels from them in log order, and has a few of these
 * under way at once. Its cursor is the end of the acknowledged prefix.
 */
import type { Receiver } from "@tailrace/destinations"
import { type Destination, noRefusals, type Refusals, type Target } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import { Effect, type Scope, Semaphore } from "effect"
import type { Failure } from "../leg/Failing.ts"
import { Leg, type LegServices } from "../leg/Leg.ts"
import type { LaneTopic } from "../read/LaneTopic.ts"
import { Batching } from "./Batching.ts"
import { type InFlight, oneInFlight } from "./InFlight.ts"
import { closeReceiver } from "./Opened.ts"
import { type Figures, noFigures } from "./Figures.ts"
import type { Parcel } from "./Parcel.ts"
import type { Done } from "./Prefix.ts"
import { commitProgress } from "./Progress.ts"
import { testReceiver, tryReceiver } from "./Trying.ts"
import { work } from "./working.ts"

/** The receiver as one configuration version has it. */
export interface Opened {
  readonly version: number
  readonly target: Target
  readonly receiver: Receiver
  readonly scope: Scope.Closeable
}

export class ReceiverLeg extends Leg {
  readonly batching: Batching
  opened: Opened | null = null
  /** Requests that wait for their answer. */
  requests = 0
  /** These, and those whose answer is not in the ledger yet. */
  landing = 0
  inFlight: InFlight = oneInFlight
  refusals: Refusals = noRefusals
  /** What came of requests since the last commit. */
  figures: Figures = noFigures
  /** Acknowledged from the front on, and not in the ledger yet. */
  done: Done | null = null
  /** Somebody commits what is done. */
  isCommitting = false
  /** Where that begins of which a commit is under way. */
  committing: Offset | null = null
  /** A failure that the leg's fiber has not dealt with yet. */
  trouble: Failure | null = null
  /** A passing failure was noted, and nothing was begun since: further ones count only if they ask for more. */
  isHoldingBack = false
  /** Records refused although nothing was taken since it was too many: what comes of others decides on them. */
  readonly doubtful: Array<Parcel> = []
  /** Suspensions since anything was delivered: a probe may find nothing wrong each time. */
  suspensions = 0
  /** Bytes of records as they lie in the log that a request may hold, where the receiver said that it was too much. */
  bytesMax = Infinity
  /** When it last had something to do, in monotonic milliseconds. */
  busyAt: number | null = null
  /** Commits of this leg go one after the other. */
  readonly turn = Semaphore.makeUnsafe(1)

  readonly work = Effect.suspend(() => work(this))
  readonly tryAgain = Effect.suspend(() => tryReceiver(this))
  readonly test = Effect.suspend(() => testReceiver(this))
  readonly finish: Effect.Effect<void> = Effect.suspend(() => commitProgress(this)).pipe(
    Effect.andThen(Effect.suspend(() => this.isAtWork ? Effect.andThen(this.awake, this.finish) : Effect.void))
  )
  readonly rest = Effect.suspend(() => closeReceiver(this))

  constructor(destination: Destination, topic: LaneTopic, services: LegServices) {
    super(destination, topic, services)
    this.batching = new Batching({
      requests: services.requests,
      rules: () => this.rules,
      filtered: (count) => void (services.rules.filtered += count),
      isFailing: () => this.isFailing,
      wake: () => this.wake(),
      hungry: () => this.topic.hungry.openUnsafe()
    }, { bytes: services.limits.batchBytes, records: Infinity })
  }

  get intake(): Batching {
    return this.batching
  }

  get doneUpTo(): Offset {
    const { cursor } = this.state
    return Math.max(cursor ?? 0, this.committing ?? this.done?.from ?? this.batching.firstOffset ?? this.position)
  }

  get isBusy(): boolean {
    return false
  }

  /** Beside one answer that is dealt with, others may come that say more of the receiver. */
  get hasMore(): boolean {
    const last = this.batching.batches.at(-1)
    return this.requests > 1 || this.batching.isReady || (last !== undefined && !last.closed && last.count > 0)
  }

  /** Something is under way, or acknowledged and not yet in the ledger. */
  get isAtWork(): boolean {
    return this.landing > 0 || this.isCommitting
  }

  get isTroubled(): boolean {
    return this.trouble !== null
  }

  /** It failed more than once in a row: most of what it gathers may never be sent from here. */
  get isFailing(): boolean {
    const { condition } = this.state
    return condition._tag === "BackingOff" && condition.attempt > 1
  }

  detach(at: Offset): Effect.Effect<void> {
    return Effect.sync(() => {
      this.topic.detach(this)
      this.batching.detach(at)
      this.trouble = null
      this.doubtful.length = 0
      this.isHoldingBack = false
    })
  }

  drop(): void {
    this.batching.detach(this.batching.at)
  }
}

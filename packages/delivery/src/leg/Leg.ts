/**
 * One destination on one lane: what its fiber works with, whatever its kind. The durable half is `state` (the ledger's
 * fold), the volatile half is what it gathered, which can be made anew. What the two kinds do differently is abstract
 * here: `StoreLeg` seals windows, `ReceiverLeg` sends parcels.
 */
import type { ObjectStores, Receivers } from "@tailrace/destinations"
import type { Capabilities, Destination, DestinationId, DestinationVersion, LegState, Target } from "@tailrace/domain"
import type { Secrets } from "@tailrace/event-store"
import type { Lane, Offset } from "@tailrace/log"
import { Effect, Latch, type Scope } from "effect"
import type { Bodies } from "../gather/Bodies.ts"
import type { Framer } from "../gather/Framer.ts"
import type { Intake } from "../gather/Intake.ts"
import type { Memory } from "../gather/Memory.ts"
import type { LaneLedger } from "../lane/LaneLedger.ts"
import type { LegVisits } from "../LegObserver.ts"
import type { Limits } from "../Limits.ts"
import type { LaneTopic, Reading } from "../read/LaneTopic.ts"
import type { Requests } from "../receiving/Requests.ts"
import type { RuleBook, VersionRules } from "../ruling/RuleBook.ts"
import type { Refused } from "./Failing.ts"
import type { Next } from "./states/State.ts"

/** What all legs of a lane share. */
export interface LegServices {
  readonly lane: Lane
  readonly ledger: LaneLedger
  readonly limits: Limits
  readonly memory: Memory
  readonly framer: Framer
  readonly stores: ObjectStores["Service"]
  readonly receivers: Receivers["Service"]
  readonly secrets: Secrets["Service"]
  readonly rules: RuleBook
  readonly observer: LegVisits
  readonly bodies: Bodies
  readonly requests: Requests
  /** Names this claim: no other has it. */
  readonly claim: Offset
  /** Closes when the lane is no longer served. */
  readonly scope: Scope.Scope
  /** How many lanes behind the tailnet's own this one is, of how many. */
  readonly shareOf: (tailnet: string) => { readonly n: number; readonly of: number }
  /** Whether empty upload periods of this tailnet are written by this lane. */
  readonly isHome: (tailnet: string) => boolean
  /** Starts the leg's fiber if it does not run; returns at once. */
  readonly activate: (leg: Leg) => void
  /** Runs something beside the legs, as long as the lane is served. */
  readonly run: (effect: Effect.Effect<void>) => Effect.Effect<void>
  /** The leg has ended for good. */
  readonly closed: (leg: Leg) => void
}

/** What a test found out, in words for a person. */
export interface TestResult {
  readonly ok: boolean
  readonly message: string
  readonly capabilities: Capabilities | null
}

export abstract class Leg implements Reading {
  readonly id: DestinationId
  readonly tailnet: string
  readonly topic: LaneTopic
  readonly services: LegServices
  destination: Destination
  /** The process stops: finish what is under way, begin nothing. */
  draining = false
  running = false
  /** The mailbox: one slot, since a wake says only "look again". */
  private readonly mailbox = Latch.makeUnsafe(false)

  constructor(destination: Destination, topic: LaneTopic, services: LegServices) {
    this.id = destination.id
    this.tailnet = destination.tailnet
    this.destination = destination
    this.topic = topic
    this.services = services
  }

  abstract readonly intake: Intake
  /** Everything before it is delivered, quarantined, expired, or not for this leg. */
  abstract get doneUpTo(): Offset
  /** Something failed that was not dealt with yet: backing off as before is no longer right. */
  abstract get isTroubled(): boolean
  /** It has something to do before any record comes. */
  abstract get isBusy(): boolean
  /** One step of *streaming* or *catching up*; answers the state to go on in. */
  abstract readonly work: Effect.Effect<Next>
  /** Waits until nothing is under way, and what came of it is in the ledger. */
  abstract readonly finish: Effect.Effect<void>
  /** While suspended: whether the destination could be sent to again. Null: yes. */
  abstract readonly tryAgain: Effect.Effect<Refused | null>
  /** Answers a request to test the destination. */
  abstract readonly test: Effect.Effect<TestResult>
  /** Stops being fed, forgets what was gathered, and keeps its place at `at`. */
  abstract detach(at: Offset): Effect.Effect<void>
  /** The fiber ends, since there is nothing to do for the time being. */
  abstract readonly rest: Effect.Effect<void>
  /** The lane is no longer ours: memory is given back at once. */
  abstract drop(): void

  get state(): LegState {
    return this.services.ledger.state.leg(this.id)
  }

  /** The configuration in force. */
  get version(): DestinationVersion {
    return newest(this.destination)
  }

  /** Of the configuration in force. */
  get rules(): VersionRules | null {
    return this.services.rules.of(this.destination, this.version)
  }

  get position(): Offset {
    return this.topic.positionOf(this.intake)
  }

  /** Which of the two states it works in, by who feeds it. */
  get workingState(): Next {
    return this.intake.mode === "live" ? "streaming" : "catchingUp"
  }

  /** Equal for two configurations that mean the same place. */
  targetOf(version: DestinationVersion): Target {
    return this.services.stores.target(version.config)
  }

  /** Tells the leg to look at its state again; starts its fiber if need be. */
  wake(): void {
    this.mailbox.openUnsafe()
    this.services.activate(this)
  }

  /** Waits for the next `wake`; one that came since the last wait counts. */
  readonly awake: Effect.Effect<void> = Effect.suspend(() => this.mailbox.await).pipe(
    Effect.tap(() => Effect.sync(() => this.mailbox.closeUnsafe()))
  )

  /** As `awake`, but not longer than `millis`. */
  awakeWithin(millis: number): Effect.Effect<void> {
    return Effect.asVoid(Effect.timeoutOption(this.awake, millis))
  }

  /** Something wants the leg to look again. */
  get hasMail(): boolean {
    return this.mailbox.isOpen()
  }

  clearMail(): void {
    this.mailbox.closeUnsafe()
  }
}

const newest = (destination: Destination): DestinationVersion => {
  const version = destination.versions.at(-1)
  if (version === undefined) throw new Error(`destination ${destination.id} has no version`)
  return version
}

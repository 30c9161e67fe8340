/**
 * One destination on one lane: what its fiber works with. The durable half is `state` (the ledger's fold), the volatile
 * half are its windows; each can be made anew.
 */
import type { Destination, DestinationId, DestinationVersion, LegState } from "@tailrace/domain"
import type { ObjectStores } from "@tailrace/destinations"
import type { Secrets } from "@tailrace/event-store"
import type { Lane, Offset } from "@tailrace/log"
import { Effect, Latch } from "effect"
import type { Bodies } from "../gather/Bodies.ts"
import { Gather } from "../gather/Gather.ts"
import type { Intake } from "../gather/Intake.ts"
import type { Framer } from "../gather/Framer.ts"
import type { Memory } from "../gather/Memory.ts"
import type { Window } from "../gather/Window.ts"
import type { LaneLedger } from "../lane/LaneLedger.ts"
import type { LegVisits } from "../LegObserver.ts"
import type { Limits } from "../Limits.ts"
import type { LaneTopic, Reading } from "../read/LaneTopic.ts"

/** What all legs of a lane share. */
export interface LegServices {
  readonly lane: Lane
  readonly ledger: LaneLedger
  readonly limits: Limits
  readonly memory: Memory
  readonly framer: Framer
  readonly stores: ObjectStores["Service"]
  readonly secrets: Secrets["Service"]
  readonly observer: LegVisits
  readonly bodies: Bodies
  /** Names this claim: no other has it. */
  readonly claim: Offset
  /** How many lanes behind the tailnet's own this one is, of how many. */
  readonly shareOf: (tailnet: string) => { readonly n: number; readonly of: number }
  /** Whether empty upload periods of this tailnet are written by this lane. */
  readonly isHome: (tailnet: string) => boolean
  /** Starts the leg's fiber if it does not run; returns at once. */
  readonly activate: (leg: Leg) => void
  /** The leg has ended for good. */
  readonly closed: (leg: Leg) => void
}

export class Leg implements Reading {
  readonly id: DestinationId
  readonly tailnet: string
  readonly topic: LaneTopic
  readonly gather: Gather
  readonly services: LegServices
  destination: Destination
  /** A window whose seal, or whose end without an object, is being committed. */
  ending: Window | null = null
  /** Content of the open seal, as long as it is at hand. */
  sealed: Window | null = null
  /** The open seal was committed under this claim, and no PUT of it was left without a clear "not stored". */
  clean = false
  /** Requests made for the open seal. */
  attempts = 0
  /** After a change of target or the deletion: the one attempt was made. */
  tried = false
  /** The process stops: finish what is under way, begin nothing. */
  draining = false
  running = false
  /** End of the present upload period, in monotonic milliseconds. */
  tickAt: number | null = null
  private seals = 0
  /** The mailbox: one slot, since a wake says only "look again". */
  private readonly mailbox = Latch.makeUnsafe(false)

  constructor(destination: Destination, topic: LaneTopic, services: LegServices) {
    this.id = destination.id
    this.tailnet = destination.tailnet
    this.destination = destination
    this.topic = topic
    this.services = services
    this.gather = new Gather({
      limits: services.limits,
      budget: services.memory.budget,
      framer: services.framer,
      codec: () => this.version.upload.codec,
      wake: () => this.wake()
    })
  }

  get intake(): Intake {
    return this.gather
  }

  get state(): LegState {
    return this.services.ledger.state.leg(this.id)
  }

  /** The configuration in force. */
  get version(): DestinationVersion {
    return newest(this.destination)
  }

  get position(): Offset {
    return this.topic.positionOf(this.intake)
  }

  /** Everything before it is delivered, quarantined, expired, or not for this leg. */
  get doneUpTo(): Offset {
    const { cursor, seal } = this.state
    if (seal !== null) return seal.from
    const gathered = this.ending ?? this.gather.full ?? this.gather.window
    return Math.max(cursor ?? 0, gathered?.from ?? this.position)
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

  /** Stops being fed, forgets what was gathered, and keeps its place at `at`. */
  detach(at: Offset): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.topic.detach(this)
      const windows = [...this.gather.detach(at), ...this.sealed === null ? [] : [this.sealed]]
      this.sealed = null
      return Effect.forEach(windows, (window) => window.release, { discard: true })
    })
  }

  /** A number for the next seal under this claim. */
  nextSealNumber(): number {
    return this.seals++
  }
}

const newest = (destination: Destination): DestinationVersion => {
  const version = destination.versions.at(-1)
  if (version === undefined) throw new Error(`destination ${destination.id} has no version`)
  return version
}

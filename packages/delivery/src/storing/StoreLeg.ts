/** A leg to a store: gathers windows of an upload period each, seals them, puts them as objects. */
import type { Destination } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import { Effect } from "effect"
import { Gather } from "../gather/Gather.ts"
import type { Window } from "../gather/Window.ts"
import { Leg, type LegServices } from "../leg/Leg.ts"
import type { LaneTopic } from "../read/LaneTopic.ts"
import { testStore, tryStore } from "./Trying.ts"
import { work } from "./working.ts"

export class StoreLeg extends Leg {
  readonly gather: Gather
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
  /** End of the present upload period, in monotonic milliseconds. */
  tickAt: number | null = null
  private seals = 0

  readonly work = Effect.suspend(() => work(this))
  readonly tryAgain = Effect.suspend(() => tryStore(this))
  readonly test = Effect.suspend(() => testStore(this))
  /** A step of its fiber ends only when its request has. */
  readonly finish = Effect.void
  readonly rest = Effect.sync(() => void (this.tickAt = null))

  constructor(destination: Destination, topic: LaneTopic, services: LegServices) {
    super(destination, topic, services)
    this.gather = new Gather({
      limits: services.limits,
      budget: services.memory.budget,
      framer: services.framer,
      codec: () => this.version.upload.codec,
      rules: () => this.rules,
      filtered: (count) => void (services.rules.filtered += count),
      wake: () => this.wake()
    })
  }

  get intake(): Gather {
    return this.gather
  }

  get doneUpTo(): Offset {
    const { cursor, seal } = this.state
    if (seal !== null) return seal.from
    const gathered = this.ending ?? this.gather.full ?? this.gather.window
    return Math.max(cursor ?? 0, gathered?.from ?? this.position)
  }

  /** It deals with each at once. */
  get isTroubled(): boolean {
    return false
  }

  get isBusy(): boolean {
    return this.state.seal !== null
      || (this.version.upload.emptyWindows !== "none" && this.services.isHome(this.tailnet))
  }

  detach(at: Offset): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.topic.detach(this)
      const windows = [...this.gather.detach(at), ...this.sealed === null ? [] : [this.sealed]]
      this.sealed = null
      return Effect.forEach(windows, (window) => window.release, { discard: true })
    })
  }

  drop(): void {
    for (const window of this.gather.detach(this.gather.at)) window.drop()
    this.sealed?.drop()
  }

  /** A number for the next seal under this claim. */
  nextSealNumber(): number {
    return this.seals++
  }
}

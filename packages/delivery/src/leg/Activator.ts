/** Starts the fibers of legs from synchronous code: a reader's pass may wake a leg, but cannot fork. */
import { Effect, FiberSet, Latch, type Scope } from "effect"
import type { Leg } from "./Leg.ts"
import { runLeg } from "./runLeg.ts"

export class Activator {
  private readonly waiting: Array<Leg> = []
  private readonly some = Latch.makeUnsafe(false)
  private readonly fibers: FiberSet.FiberSet<void, never>

  private constructor(fibers: FiberSet.FiberSet<void, never>) {
    this.fibers = fibers
  }

  /** Fibers end with the scope. */
  static readonly make: Effect.Effect<Activator, never, Scope.Scope> = Effect.map(
    FiberSet.make<void, never>(),
    (fibers) => new Activator(fibers)
  )

  activate(leg: Leg): void {
    if (leg.running) return
    leg.running = true
    this.waiting.push(leg)
    this.some.openUnsafe()
  }

  /** Runs something beside the legs. */
  run(effect: Effect.Effect<void>): Effect.Effect<void> {
    return Effect.asVoid(FiberSet.run(this.fibers, effect))
  }

  /** Starts whoever was activated, for ever; ends with the first defect of a leg. */
  readonly start: Effect.Effect<never> = Effect.suspend(() => this.some.await).pipe(
    Effect.andThen(Effect.suspend(() => {
      this.some.closeUnsafe()
      return Effect.forEach(this.waiting.splice(0), (leg) => this.run(this.life(leg)), { discard: true })
    })),
    Effect.forever
  )

  /** Fails with the first defect of a fiber. */
  readonly failed: Effect.Effect<void> = Effect.suspend(() => FiberSet.join(this.fibers))

  /** Returns when no leg runs, or after `millis`. */
  atRest(millis: number): Effect.Effect<void> {
    return FiberSet.awaitEmpty(this.fibers).pipe(Effect.timeoutOption(millis), Effect.interruptible, Effect.asVoid)
  }

  /** One life of a leg's fiber; a wake that came at its end starts another. */
  private life(leg: Leg): Effect.Effect<void> {
    return Effect.suspend(() => {
      leg.clearMail()
      return runLeg(leg)
    }).pipe(Effect.andThen(Effect.sync(() => {
      leg.running = false
      if (leg.hasMail && !leg.draining) this.activate(leg)
    })))
  }
}

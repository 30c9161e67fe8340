/**
 * Memory for request bodies that must be put together. A destination that swallows a request and never answers keeps
 * its body for long; so small bodies do not wait at all, and large ones never take the whole pool.
 */
import { Effect, type Scope, Semaphore } from "effect"

/** Bodies up to this share of the pool are hardly more than the frame that the window holds anyway. */
const smallShare = 1 / 256

/** Bodies over this share of the pool leave as much of it to the others. */
const largeShare = 1 / 9

/** Permits are KiB. */
const kibibytes = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024))

export class Bodies {
  private readonly poolBytes: number
  private readonly all: Semaphore.Semaphore
  private readonly large: Semaphore.Semaphore
  private readonly largeBytes: number

  constructor(poolBytes: number) {
    this.poolBytes = poolBytes
    this.largeBytes = Math.floor(poolBytes * (1 - largeShare))
    this.all = Semaphore.makeUnsafe(kibibytes(poolBytes))
    this.large = Semaphore.makeUnsafe(kibibytes(this.largeBytes))
  }

  /** As `hold`, until the scope closes: for a request that goes on elsewhere. */
  take(bytes: number): Effect.Effect<void, never, Scope.Scope> {
    if (bytes <= this.poolBytes * smallShare) return Effect.void
    if (bytes <= this.poolBytes * largeShare) return this.all.takeScoped(kibibytes(bytes))
    const permits = kibibytes(Math.min(bytes, this.largeBytes))
    return Effect.andThen(this.large.takeScoped(permits), this.all.takeScoped(permits))
  }

  /** Runs `use` while memory for a body of this size is held; waits for it first, but not for smaller bodies' sake. */
  hold<A, E, R>(bytes: number, use: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    if (bytes <= this.poolBytes * smallShare) return use
    if (bytes <= this.poolBytes * largeShare) return this.all.withPermits(kibibytes(bytes))(use)
    const permits = kibibytes(Math.min(bytes, this.largeBytes))
    return this.large.withPermits(permits)(this.all.withPermits(permits)(use))
  }
}

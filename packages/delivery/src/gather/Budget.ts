/**
 * The byte budget of all windows of a process. Taking never waits, because records are handed out in one synchronous
 * pass; who reads waits afterwards, until windows have given memory back.
 */
import { Effect, Latch } from "effect"

export class Budget {
  readonly limitBytes: number
  private used = 0
  private highest = 0
  private readonly under = Latch.makeUnsafe(true)

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.used
  }

  /** The most that was ever held. */
  get highestBytes(): number {
    return this.highest
  }

  get isOver(): boolean {
    return this.used > this.limitBytes
  }

  take(bytes: number): void {
    this.used += bytes
    if (this.used > this.highest) this.highest = this.used
    if (this.isOver) this.under.closeUnsafe()
  }

  give(bytes: number): void {
    this.used -= bytes
    if (!this.isOver) this.under.openUnsafe()
  }

  /** Waits while the budget is exceeded. */
  readonly whenUnder: Effect.Effect<void> = Effect.suspend(() => this.under.await)
}

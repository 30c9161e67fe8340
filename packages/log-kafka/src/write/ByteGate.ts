/**
 * Bounds the bytes that wait to be sent: first come, first served, so that small appends cannot keep a large one out
 * for ever. What is larger than the whole bound goes in alone.
 */
import { Deferred, Effect } from "effect"

interface Waiter {
  readonly bytes: number
  readonly open: Deferred.Deferred<void>
}

export class ByteGate {
  private readonly maxBytes: number
  private readonly waiters: Array<Waiter> = []
  private inside = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** Waits for room. Whoever got it must `leave` with as many bytes, all at once or not; the interrupted hold none. */
  enter(bytes: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.waiters.length === 0 && this.hasRoom(bytes)) {
        this.inside += bytes
        return Effect.void
      }
      const waiter: Waiter = { bytes, open: Deferred.makeUnsafe() }
      this.waiters.push(waiter)
      return Effect.onInterrupt(Deferred.await(waiter.open), () => Effect.sync(() => this.giveUp(waiter)))
    })
  }

  leave(bytes: number): void {
    this.inside -= bytes
    for (let first = this.waiters[0]; first !== undefined && this.hasRoom(first.bytes); first = this.waiters[0]) {
      this.waiters.shift()
      this.inside += first.bytes
      Deferred.doneUnsafe(first.open, Effect.void)
    }
  }

  private hasRoom(bytes: number): boolean {
    return this.inside === 0 || this.inside + bytes <= this.maxBytes
  }

  private giveUp(waiter: Waiter): void {
    const index = this.waiters.indexOf(waiter)
    if (index < 0) return this.leave(waiter.bytes)
    this.waiters.splice(index, 1)
    this.leave(0)
  }
}

/**
 * Bounds the bytes that wait for a commit: first come, first served, whatever the size (a semaphore lets small ones
 * pass a large one for ever). What is larger than the whole bound goes in alone.
 */
import { Deferred, Effect } from "effect"

export interface ByteGate {
  /** Waits for room. Whoever got it must release it; an interrupted waiter has none. */
  admit(bytes: number): Effect.Effect<void>
  release(bytes: number): void
}

interface Waiter {
  readonly bytes: number
  readonly admitted: Deferred.Deferred<void>
}

export const makeByteGate = (maxBytes: number): ByteGate => {
  let inside = 0
  const waiters: Array<Waiter> = []
  const fits = (bytes: number) => inside === 0 || inside + bytes <= maxBytes
  const admitWaiting = () => {
    for (let first = waiters[0]; first !== undefined && fits(first.bytes); first = waiters[0]) {
      waiters.shift()
      inside += first.bytes
      Deferred.doneUnsafe(first.admitted, Effect.void)
    }
  }
  const release = (bytes: number) => {
    inside -= bytes
    admitWaiting()
  }
  const leave = (waiter: Waiter) => {
    const index = waiters.indexOf(waiter)
    if (index < 0) return release(waiter.bytes)
    waiters.splice(index, 1)
    admitWaiting()
  }
  const admit = (bytes: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (waiters.length === 0 && fits(bytes)) {
        inside += bytes
        return Effect.void
      }
      const waiter = { bytes, admitted: Deferred.makeUnsafe<void>() }
      waiters.push(waiter)
      return Effect.onInterrupt(Deferred.await(waiter.admitted), () => Effect.sync(() => leave(waiter)))
    })
  return { admit, release }
}

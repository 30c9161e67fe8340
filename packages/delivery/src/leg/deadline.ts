/** Times in the ledger are wall-clock times, which may jump, or come from a process whose clock was wrong. */
import { Clock, Effect } from "effect"

export const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos / 1_000_000n))

/** A wall-clock time as one on the monotonic clock, at most `capMillis` ahead: nobody meant to wait longer. */
export const deadline = Effect.fnUntraced(function*(wallMillis: number, capMillis: number) {
  const wall = yield* Clock.currentTimeMillis
  return (yield* monotonicMillis) + Math.min(capMillis, wallMillis - wall)
})

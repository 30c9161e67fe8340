/**
 * Slows down a sender whose credentials are refused, so that it fills neither logs nor the control log's readers. Valid
 * credentials are never limited: behind a proxy, everybody has the same address.
 */
import { Clock, Effect, Schema } from "effect"

const windowMillis = 60_000
/** Addresses remembered within one window; beyond, all others share one count. */
const maxAddresses = 10_000

/** Over the limit: the secret was not even looked for. */
export class TooManyRefusals extends Schema.TaggedError<TooManyRefusals>()("TooManyRefusals", {}) {
  override get message(): string {
    return "too many refused credentials from this address, try again in a minute"
  }
}

export interface RefusalLimit {
  /** Fails if the address has been refused too often in this minute. */
  check(address: string): Effect.Effect<void, TooManyRefusals>
  /** Counts a refusal. */
  count(address: string): Effect.Effect<void>
}

export const makeRefusalLimit = (maxPerMinute: number): RefusalLimit => {
  const counts = new Map<string, number>()
  let window = 0
  const nameOf = (address: string) => counts.has(address) || counts.size < maxAddresses ? address : "others"
  const enterWindow = Effect.map(Clock.currentTimeMillis, (now) => {
    const current = Math.floor(now / windowMillis)
    if (current !== window) counts.clear()
    window = current
  })
  const refusalsOf = (address: string) => counts.get(nameOf(address)) ?? 0
  return {
    check: Effect.fnUntraced(function*(address) {
      yield* enterWindow
      if (refusalsOf(address) >= maxPerMinute) return yield* new TooManyRefusals()
    }),
    count: (address) => Effect.map(enterWindow, () => void counts.set(nameOf(address), refusalsOf(address) + 1))
  }
}

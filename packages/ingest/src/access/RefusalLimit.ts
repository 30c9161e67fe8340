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
  /** Counts a credential that is not known. */
  count(address: string): Effect.Effect<void, TooManyRefusals>
}

export const makeRefusalLimit = (maxPerMinute: number): RefusalLimit => {
  const counts = new Map<string, number>()
  let window = 0
  const count = Effect.fnUntraced(function*(address: string) {
    const current = Math.floor((yield* Clock.currentTimeMillis) / windowMillis)
    if (current !== window) counts.clear()
    window = current
    const name = counts.has(address) || counts.size < maxAddresses ? address : "others"
    const refused = (counts.get(name) ?? 0) + 1
    counts.set(name, refused)
    if (refused > maxPerMinute) return yield* new TooManyRefusals()
  })
  return { count }
}

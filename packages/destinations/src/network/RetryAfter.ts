/** The `Retry-After` header in both of its forms (RFC 9110 §10.2.3). */
import { Duration } from "effect"

/** A service that asks for a longer pause is asked again after this. */
const longest = Duration.days(1)

const bounded = (millis: number) => Math.min(Math.max(0, Math.ceil(millis)), Duration.toMillis(longest))

/** Milliseconds from `nowMillis` on: never negative, at most a day; null if there is no header or it says nothing. */
export const retryAfterMillis = (header: string | null, nowMillis: number): number | null => {
  if (header === null) return null
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return bounded(Number(header) * 1_000)
  const at = /:\d\d GMT\s*$/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? null : bounded(at - nowMillis)
}

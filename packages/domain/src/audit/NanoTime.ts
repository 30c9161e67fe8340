/** Times as the log service writes them: RFC 3339, up to nine decimals, no trailing zeros (Go's RFC3339Nano). */
import { DateTime } from "effect"

/** A point in time: epoch milliseconds, and nanoseconds (0 or more) on top of them. */
export interface NanoTime {
  readonly millis: number
  readonly nanos: number
}

const nanosPerMilli = 1_000_000

/** The later of a clock's time and one nanosecond after `last`. */
export const nanoTimeAfter = (last: NanoTime | undefined, millis: number): NanoTime => {
  if (last === undefined || millis > last.millis) return { millis, nanos: 0 }
  return last.nanos + 1 < nanosPerMilli
    ? { millis: last.millis, nanos: last.nanos + 1 }
    : { millis: last.millis + 1, nanos: 0 }
}

/**
 * @example
 * ```ts
 * formatNanoTime({ millis: 1785154229541, nanos: 584440 }) // => "2026-07-27T12:10:29.54158444Z"
 * ```
 */
export const formatNanoTime = ({ millis, nanos }: NanoTime): string => {
  const text = DateTime.formatIso(DateTime.makeUnsafe(millis))
  const fraction = `${text.slice(20, 23)}${String(nanos).padStart(6, "0")}`.replace(/0+$/, "")
  return fraction === "" ? `${text.slice(0, 19)}Z` : `${text.slice(0, 19)}.${fraction}Z`
}

/** As Go prints a time: how Tailscale writes the expiry of a key. */
export const formatGoTime = (millis: number): string => {
  const text = formatNanoTime({ millis, nanos: 0 })
  return `${text.slice(0, -1).replace("T", " ")} +0000 UTC`
}

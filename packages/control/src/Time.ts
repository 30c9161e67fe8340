/** Times in the API are RFC 3339 texts; inside they are epoch milliseconds. */
import { DateTime, Option } from "effect"

/** What Go clients take for "never". */
export const zeroTime = "0001-01-01T00:00:00Z"

/**
 * @example
 * ```ts
 * rfc3339(0) // => "1970-01-01T00:00:00.000Z"
 * ```
 */
export const rfc3339 = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

export const rfc3339OrNull = (millis: number | null): string | null => millis === null ? null : rfc3339(millis)

const form = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.(\d{1,9}))?(?:[Zz]|[+-]\d{2}:\d{2})$/

/** Nanoseconds since the epoch; none: not RFC 3339. So fine, because `start` and `end` are inclusive. */
export const parseNanos = (text: string): Option.Option<bigint> => {
  const match = form.exec(text)
  if (match === null) return Option.none()
  const whole = text.replace(/\.\d+/, "")
  return Option.map(
    DateTime.make(whole),
    (time) => BigInt(DateTime.toEpochMillis(time)) * 1_000_000n + BigInt((match[1] ?? "").padEnd(9, "0"))
  )
}

export const millisOf = (nanos: bigint): number => Number(nanos / 1_000_000n)

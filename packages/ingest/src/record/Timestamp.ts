/** The two forms of time that meet here: RFC 3339 text, as records have it, and HEC's epoch seconds. */
import { DateTime } from "effect"

const rfc3339 = /^"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)"$/

/** A JSON string that is an RFC 3339 time: `"2026-06-03T15:33:01.552946176Z"` with the quotes. */
export const isTimestamp = (bytes: Buffer, from: number, to: number): boolean =>
  to - from <= 40 && rfc3339.test(bytes.toString("latin1", from, to))

/** `"2026-06-03T15:34:47.356Z"`, with the quotes. */
export const quotedTime = (epochMillis: number): Buffer =>
  Buffer.from(`"${DateTime.formatIso(DateTime.makeUnsafe(epochMillis))}"`)

const lastMillis = 253_402_300_799_999

/**
 * HEC's `time`: epoch seconds as a number, or as a string that holds one (Splunk takes both); else undefined.
 *
 * @example
 * ```ts
 * millisOfEpochSeconds("1780500887.356") // => 1780500887356
 * ```
 */
export const millisOfEpochSeconds = (json: string): number | undefined => {
  const text = json.startsWith("\"") ? json.slice(1, -1) : json
  const millis = /^-?\d/.test(text) ? Math.round(Number(text) * 1000) : NaN
  return millis >= 0 && millis <= lastMillis ? millis : undefined
}

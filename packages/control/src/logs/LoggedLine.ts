/** One record of the log as it is read back: its text, parsed no further than asked, and the moment it was logged. */
import { Option } from "effect"
import { parseNanos } from "../Time.ts"

export interface LoggedLine {
  /** One JSON object, without a newline. */
  readonly text: string
  /** Nanoseconds since the epoch. */
  readonly logged: bigint
}

const prefix = "{\"logged\":\""

const withLogged = (text: string, appendedAt: string): string =>
  text === "{}" ? `${prefix}${appendedAt}"}` : `${prefix}${appendedAt}",${text.slice(1)}`

/**
 * Records begin with `{"logged":"…"`. One that another producer wrote without it was logged when it was appended.
 *
 * @example
 * ```ts
 * loggedLine("{\"a\":1}", 0).text // => "{\"logged\":\"1970-01-01T00:00:00.000Z\",\"a\":1}"
 * ```
 */
export const loggedLine = (text: string, appendedMillis: number): LoggedLine => {
  const end = text.startsWith(prefix) ? text.indexOf("\"", prefix.length) : -1
  const logged = end < 0 ? Option.none<bigint>() : parseNanos(text.slice(prefix.length, end))
  if (Option.isSome(logged)) return { text, logged: logged.value }
  const nanos = BigInt(appendedMillis) * 1_000_000n
  if (end >= 0) return { text, logged: nanos }
  // A plain conversion of a given instant: nothing here reads a clock.
  return { text: withLogged(text, new Date(appendedMillis).toISOString()), logged: nanos }
}

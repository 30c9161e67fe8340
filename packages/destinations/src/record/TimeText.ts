/** Writes times into a body. */

const zero = 0x30

/** `value` in exactly so many digits. */
const writeDigits = (into: Uint8Array, { at, digits, value }: { at: number; digits: number; value: number }) => {
  let left = value
  for (let place = at + digits - 1; place >= at; place--) {
    const rest = Math.floor(left / 10)
    into[place] = zero + left - rest * 10
    left = rest
  }
  return at + digits
}

/** `9999-12-31T23:59:59.999Z`; the first is 1970. */
export const lastMillis = 253_402_300_799_999

const digitsOf = (value: number): number => {
  let digits = 1
  for (let bound = 10; value >= bound; bound *= 10) digits++
  return digits
}

/** Bytes of `writeSeconds`. */
export const secondsBytes = (millis: number): number => digitsOf(Math.floor(millis / 1_000)) + 4

/** `1780500776.773`, never in exponent notation; from 0 to `lastMillis`. Returns where it ends. */
export const writeSeconds = (into: Uint8Array, at: number, millis: number): number => {
  const value = Math.floor(millis / 1_000)
  const point = writeDigits(into, { at, digits: digitsOf(value), value })
  into[point] = 0x2e
  return writeDigits(into, { at: point + 1, digits: 3, value: millis - value * 1_000 })
}

/** Bytes of `writeTimestamp`. */
export const timestampBytes = 26

/** `"2026-06-03T15:32:56.773Z"` with the quotes; from 0 to `lastMillis`. Returns where it ends. */
export const writeTimestamp = (into: Uint8Array, at: number, millis: number): number => {
  const text = new Date(millis).toISOString()
  into[at] = 0x22
  for (let index = 0; index < 24; index++) into[at + 1 + index] = text.charCodeAt(index)
  into[at + 25] = 0x22
  return at + timestampBytes
}

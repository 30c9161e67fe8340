/** Reads RFC 3339 times from bytes, without making strings: `2026-06-03T15:32:54.272130712Z`, zones included. */

const zero = 0x30
const dayMillis = 86_400_000

/** Days since 1970 of a date in the Gregorian calendar, by counting years from March on. */
const daysOf = (year: number, month: number, day: number): number => {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const ofEra = shifted - era * 400
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
}

/** Of two digits; NaN if they are none. */
const two = (bytes: Uint8Array, at: number): number => {
  const tens = (bytes[at] ?? 0) - zero
  const ones = (bytes[at + 1] ?? 0) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}

const isByte = (bytes: Uint8Array, at: number, character: number): boolean => bytes[at] === character

/** Lower and upper case. */
const isLetter = (bytes: Uint8Array, at: number, letter: number): boolean => ((bytes[at] ?? 0) & 0xdf) === letter

const hasForm = (bytes: Uint8Array, from: number): boolean =>
  isByte(bytes, from + 4, 0x2d) && isByte(bytes, from + 7, 0x2d) && isLetter(bytes, from + 10, 0x54)
  && isByte(bytes, from + 13, 0x3a) && isByte(bytes, from + 16, 0x3a)

export class Instant {
  /** Milliseconds since 1970, cut; NaN when the text was none. */
  millis = NaN
  /** What is left below a millisecond, in nanoseconds: 0 to 999,999. */
  nanos = 0
  #at = 0

  /** The text without quotes; false: it is no such time. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    this.millis = NaN
    if (to - from < 20 || !hasForm(bytes, from)) return false
    const date = this.#date(bytes, from)
    const time = this.#time(bytes, from + 11)
    this.#at = from + 19
    const fraction = this.#fraction(bytes, to)
    const zone = this.#zone(bytes, to)
    this.millis = date + time + fraction - zone
    return !Number.isNaN(this.millis)
  }

  #date(bytes: Uint8Array, from: number): number {
    const month = two(bytes, from + 5)
    const day = two(bytes, from + 8)
    if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return NaN
    return daysOf(two(bytes, from) * 100 + two(bytes, from + 2), month, day) * dayMillis
  }

  /** A leap second is the second after. */
  #time(bytes: Uint8Array, from: number): number {
    const hour = two(bytes, from)
    const minute = two(bytes, from + 3)
    const second = two(bytes, from + 6)
    return hour <= 23 && minute <= 59 && second <= 60 ? ((hour * 60 + minute) * 60 + second) * 1_000 : NaN
  }

  /** At most nine digits. */
  #fraction(bytes: Uint8Array, to: number): number {
    this.nanos = 0
    if (!isByte(bytes, this.#at, 0x2e)) return 0
    let value = 0
    let digits = 0
    for (this.#at++; this.#at < to; this.#at++) {
      const digit = (bytes[this.#at] ?? 0) - zero
      if (!(digit >= 0 && digit <= 9)) break
      value = value * 10 + digit
      digits++
    }
    if (digits < 1 || digits > 9) return NaN
    for (; digits < 9; digits++) value *= 10
    this.nanos = value % 1_000_000
    return (value - this.nanos) / 1_000_000
  }

  /** Milliseconds east of UTC. */
  #zone(bytes: Uint8Array, to: number): number {
    const at = this.#at
    if (isLetter(bytes, at, 0x5a)) return at + 1 === to ? 0 : NaN
    const sign = isByte(bytes, at, 0x2b) ? 1 : isByte(bytes, at, 0x2d) ? -1 : NaN
    const hours = two(bytes, at + 1)
    const minutes = two(bytes, at + 4)
    if (!isByte(bytes, at + 3, 0x3a) || at + 6 !== to || !(hours <= 23 && minutes <= 59)) return NaN
    return sign * (hours * 60 + minutes) * 60_000
  }
}

/** The middle of two times in milliseconds, cut as Tailscale cuts it. */
export const middle = (one: Instant, other: Instant): number => {
  const sum = one.millis + other.millis
  const odd = sum & 1
  return (sum - odd) / 2 + (odd * 1_000_000 + one.nanos + other.nanos >= 2_000_000 ? 1 : 0)
}

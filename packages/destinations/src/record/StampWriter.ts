/** Writes many times of which most lie on the same day: `"2026-06-03T15:32:56.773Z"`, with the quotes. */
import { writeTimestamp } from "./TimeText.ts"

const zero = 0x30
const dayMillis = 86_400_000
/** Where hours, minutes, seconds and milliseconds begin. */
const places = { hours: 12, minutes: 15, seconds: 18, millis: 21 } as const

export class StampWriter {
  readonly #text = Buffer.alloc(26)
  #day = -1

  /** From 0 to `lastMillis`; fractions are cut. Returns where it ends. */
  write(into: Buffer, at: number, millis: number): number {
    const day = Math.floor(millis / dayMillis)
    if (day !== this.#day) writeTimestamp(this.#text, 0, millis)
    this.#day = day
    const ofDay = Math.floor(millis - day * dayMillis)
    const seconds = Math.floor(ofDay / 1_000)
    const minutes = Math.floor(seconds / 60)
    const hours = Math.floor(minutes / 60)
    this.#two(places.hours, hours)
    this.#two(places.minutes, minutes - hours * 60)
    this.#two(places.seconds, seconds - minutes * 60)
    const rest = ofDay - seconds * 1_000
    const tens = Math.floor(rest / 10)
    this.#two(places.millis, tens)
    this.#text[places.millis + 2] = zero + rest - tens * 10
    into.set(this.#text, at)
    return at + this.#text.length
  }

  #two(at: number, value: number): void {
    const tens = Math.floor(value / 10)
    this.#text[at] = zero + tens
    this.#text[at + 1] = zero + value - tens * 10
  }
}

/**
 * Which records there are, however many: a number for each record, sorted, so that what was written and what was
 * stored can be compared one by one.
 */
import { hash } from "node:crypto"

/** 52 bits: among ten million records two have the same number with a chance of 1 %. */
const hexDigits = 13

export class Fingerprints {
  private numbers = new Float64Array(1024)
  private used = 0

  get count(): number {
    return this.used
  }

  /** One record, without its newline. */
  add(record: Uint8Array): void {
    if (this.used === this.numbers.length) {
      const grown = new Float64Array(2 * this.used)
      grown.set(this.numbers)
      this.numbers = grown
    }
    this.numbers[this.used++] = Number.parseInt(hash("md5", record, "hex").slice(0, hexDigits), 16)
  }

  /** Ascending. */
  get sorted(): Float64Array {
    return this.numbers.slice(0, this.used).sort()
  }
}

export interface Comparison {
  /** Written, and not stored. */
  readonly missing: number
  /** Stored more often than written. */
  readonly doubled: number
}

/** Both ascending. */
export const compare = (written: Float64Array, stored: Float64Array): Comparison => {
  let [missing, doubled] = [0, 0]
  let [one, other] = [0, 0]
  while (one < written.length || other < stored.length) {
    const [wanted, found] = [written[one] ?? Infinity, stored[other] ?? Infinity]
    if (wanted < found) missing++
    if (found < wanted) doubled++
    if (wanted <= found) one++
    if (found <= wanted) other++
  }
  return { missing, doubled }
}

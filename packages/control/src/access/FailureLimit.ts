/**
 * How many refused credentials an address may show in a minute before they are no longer looked at. Keys are too long
 * to be guessed; this only keeps a broken client from costing much. Valid keys are never held up.
 */

export const maxFailuresPerMinute = 30

/** Addresses remembered; the oldest is forgotten. */
const maxAddresses = 10_000

const minuteMillis = 60_000

export class FailureLimit {
  readonly #byAddress = new Map<string, { readonly since: number; count: number }>()

  /** Counts a failure; true: the address has had too many. */
  isExceeded(address: string, now: number): boolean {
    const known = this.#byAddress.get(address)
    if (known !== undefined && now - known.since < minuteMillis) return ++known.count > maxFailuresPerMinute
    this.#byAddress.delete(address)
    this.#byAddress.set(address, { since: now, count: 1 })
    const [oldest] = this.#byAddress.size > maxAddresses ? this.#byAddress.keys() : []
    if (oldest !== undefined) this.#byAddress.delete(oldest)
    return false
  }
}

/**
 * Ids as they look in Tailscale's audit log (`u…CNTRL`, `k…CNTRL`, `S…CNTRL`): a pure function of our own ids, so that
 * the same thing has the same id in every record.
 */
const fnvOffset = 0xcbf29ce484222325n
const fnvPrime = 0x100000001b3n

/** FNV-1a over UTF-16 code units, 64 bits: spreads ids, guards nothing. */
const fnv1a = (text: string): bigint => {
  let hash = fnvOffset
  for (let index = 0; index < text.length; index++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * fnvPrime)
  }
  return hash
}

/**
 * @example
 * ```ts
 * controlId("u", "uZKk3KSfrH11CNTRL") // => "uZKk3KSfrH11CNTRL": has the form already
 * controlId("S", "T1234CNTRL") // => "S1234CNTRL": a tailnet as a target
 * controlId("k", "7c9e6679") // => "k" + 16 hex digits + "CNTRL"
 * ```
 */
export const controlId = (prefix: "u" | "k" | "S", id: string): string => {
  const formed = /^([a-zA-Z])([0-9a-zA-Z]+CNTRL)$/.exec(id)
  const expected = prefix === "S" ? "T" : prefix
  if (formed !== null && formed[1] === expected) return `${prefix}${formed[2]}`
  return `${prefix}${fnv1a(id).toString(16).toUpperCase().padStart(16, "0")}CNTRL`
}

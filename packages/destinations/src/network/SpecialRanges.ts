/**
 * Addresses that are not the public internet: IANA's special-purpose registries (RFC 6890 and its updates) and the
 * addresses at which clouds answer with credentials.
 */
import { Option } from "effect"
import { type AddressRange, parseRange } from "./Address.ts"

const table = {
  "0.0.0.0/8": "an unspecified address",
  "10.0.0.0/8": "a private address",
  "100.64.0.0/10": "a carrier-grade NAT or tailnet address",
  "127.0.0.0/8": "a loopback address",
  "168.63.129.16/32": "a cloud metadata address",
  "169.254.0.0/16": "a link-local or cloud metadata address",
  "172.16.0.0/12": "a private address",
  "192.0.0.0/24": "a protocol or cloud metadata address",
  "192.0.2.0/24": "a documentation address",
  "192.88.99.0/24": "a 6to4 relay address",
  "192.168.0.0/16": "a private address",
  "198.18.0.0/15": "a benchmarking address",
  "198.51.100.0/24": "a documentation address",
  "203.0.113.0/24": "a documentation address",
  "224.0.0.0/4": "a multicast address",
  "240.0.0.0/4": "a reserved or broadcast address",
  "::/128": "an unspecified address",
  "::1/128": "a loopback address",
  "::/96": "an IPv4-compatible address",
  "::ffff:0:0/96": "an IPv4-mapped address",
  "64:ff9b::/96": "a NAT64 address",
  "64:ff9b:1::/48": "a NAT64 address",
  "2001::/23": "a protocol or Teredo address",
  "2001:db8::/32": "a documentation address",
  "2002::/16": "a 6to4 address",
  "3fff::/20": "a documentation address",
  "fc00::/7": "a unique local address",
  "fe80::/10": "a link-local address",
  "ff00::/8": "a multicast address"
}

export interface SpecialRange {
  readonly range: AddressRange
  /** As in "10.0.0.1 is a private address". */
  readonly what: string
}

/** In order of precedence: the first that contains an address names it. */
export const specialRanges: ReadonlyArray<SpecialRange> = Object.entries(table).map(([text, what]) => ({
  range: Option.getOrThrow(parseRange(text)),
  what
}))

/** Everything IANA has given out to the public internet so far; the rest of IPv6 is refused. */
export const globalUnicast = Option.getOrThrow(parseRange("2000::/3"))

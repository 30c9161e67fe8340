/** IP addresses and ranges as numbers, so that membership is arithmetic. Pure; name resolution is the guard's. */
import { Option } from "effect"
import { isIPv4, isIPv6 } from "node:net"

export interface Address {
  readonly bits: 32 | 128
  readonly value: bigint
}

/** All addresses whose first `prefix` bits are those of `base`. */
export interface AddressRange {
  readonly base: Address
  readonly prefix: number
}

const join = (groups: ReadonlyArray<bigint>, width: bigint) =>
  groups.reduce((value, group) => (value << width) | group, 0n)

const octets = (text: string) => text.split(".").map(BigInt)

const groups = (text: string): ReadonlyArray<bigint> =>
  text === "" ? [] : text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [BigInt(`0x${group}`)]
    const v4 = join(octets(group), 8n)
    return [v4 >> 16n, v4 & 0xffffn]
  })

const v6Value = (text: string) => {
  const [head = "", tail] = text.split("::")
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0n)
  return join([...left, ...zeros, ...right], 16n)
}

/** Dotted IPv4 or any form of IPv6, in brackets or not; an address with a zone (`fe80::1%eth0`) is none. */
export const parseAddress = (text: string): Option.Option<Address> => {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text
  if (isIPv4(bare)) return Option.some({ bits: 32, value: join(octets(bare), 8n) })
  if (isIPv6(bare) && !bare.includes("%")) return Option.some({ bits: 128, value: v6Value(bare) })
  return Option.none()
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export const parseRange = (text: string): Option.Option<AddressRange> => {
  const [address = "", prefix, ...rest] = text.split("/")
  if (rest.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return Option.none()
  return parseAddress(address).pipe(
    Option.map((base) => ({ base, prefix: prefix === undefined ? base.bits : Number(prefix) })),
    Option.filter((range) => range.prefix <= range.base.bits)
  )
}

export const contains = (range: AddressRange, address: Address): boolean => {
  const shift = BigInt(range.base.bits - range.prefix)
  return range.base.bits === address.bits && range.base.value >> shift === address.value >> shift
}

const mapped = { base: { bits: 128, value: 0xffff_0000_0000n }, prefix: 96 } satisfies AddressRange

/** The IPv4 address that a socket really connects to for `::ffff:a.b.c.d`; none for every other address. */
export const mappedV4 = (address: Address): Option.Option<Address> =>
  contains(mapped, address) ? Option.some({ bits: 32, value: address.value & 0xffff_ffffn }) : Option.none()

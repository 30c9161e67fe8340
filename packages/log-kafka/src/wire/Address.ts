/** Where a broker listens: `host:port`, as settings and the cluster's answers name it. Not for finding names. */

export interface Address {
  /** A name, an IPv4 or an IPv6 address; never in brackets. */
  readonly host: string
  readonly port: number
}

const form = /^(?:\[(?<six>[0-9a-fA-F:.]+(?:%\w+)?)\]|(?<host>[^:[\]\s]+)):(?<port>\d{1,5})$/

/**
 * The address that a text names; `undefined` if it names none.
 *
 * @example
 * ```ts
 * parseAddress("[::1]:9092") // { host: "::1", port: 9092 }
 * ```
 */
export const parseAddress = (text: string): Address | undefined => {
  const groups = form.exec(text.trim())?.groups
  const host = groups?.["six"] ?? groups?.["host"]
  const port = Number(groups?.["port"])
  return host === undefined || !(port > 0 && port < 65_536) ? undefined : { host, port }
}

/** As `parseAddress` reads it. */
export const formatAddress = ({ host, port }: Address): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`

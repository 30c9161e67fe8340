/** A host and a port as people write them; IPv6 addresses are in brackets. */
import { Option } from "effect"
import { isIPv4 } from "node:net"

/** `host` is without brackets. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

const pattern = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.]+)?)\]|([\w.-]+)):(\d{1,5})$/

/** Reads `127.0.0.1:8080` and `[::1]:8080`. */
export const parseListen = (text: string): Option.Option<ListenAddress> => {
  const [, ipv6, name, port] = pattern.exec(text) ?? []
  const host = ipv6 ?? name
  return host === undefined || Number(port) > 65_535 ? Option.none() : Option.some({ host, port: Number(port) })
}

/** An address of this very machine; `host` as in `ListenAddress`. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."))

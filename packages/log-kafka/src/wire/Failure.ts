/** What kafkajs, TLS and sockets throw, as one plain sentence, and whether it is the broker that refuses us. */
import { Unreachable } from "./Unreachable.ts"

/** Codes of TLS that say: not with this certificate, this name, this protocol. Trying again changes nothing. */
const tlsRefusal = /^(?:CERT_|ERR_SSL_|ERR_TLS_|ERR_OSSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|INVALID_CA|HOSTNAME_|EPROTO)/

/** kafkajs's words for an error that the socket's maker threw: unusable PEM texts, impossible ports. */
const unusable = "Failed to connect: "

/** What is said of a broker that ended the connection without an error. */
export const closedReason = "closed the connection"

const plainReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections (ECONNREFUSED)",
  ECONNRESET: "broke off the connection (ECONNRESET)",
  EPIPE: "broke off the connection (EPIPE)",
  ENOTFOUND: "has a name that nobody knows (ENOTFOUND)",
  EAI_AGAIN: "has a name that cannot be looked up now (EAI_AGAIN)",
  EHOSTUNREACH: "cannot be reached (EHOSTUNREACH)",
  ENETUNREACH: "cannot be reached (ENETUNREACH)",
  ETIMEDOUT: "does not answer (ETIMEDOUT)"
}

/** What is known of anything thrown. */
export interface Thrown {
  readonly name: string
  readonly message: string
  readonly code: string
}

export const thrown = (error: unknown): Thrown => {
  if (!(error instanceof Error)) return { name: "", message: String(error), code: "" }
  const code = "code" in error && typeof error.code === "string" ? error.code : ""
  return { name: error.name, message: error.message.replace(/^Connection error: /, ""), code }
}

const connectionReason = ({ code, message, name }: Thrown): string => {
  if (tlsRefusal.test(code)) return `no TLS connection: ${message || code}`
  if (message.includes("before secure TLS connection")) return "broke off the TLS handshake (does this port speak TLS?)"
  if (message === "Connection timeout") return "did not take the connection in time"
  if (name === "KafkaJSConnectionClosedError" || message === "Not connected") return closedReason
  return plainReasons[code] ?? (message || code || "failed")
}

/** The error of a connection to `address`, or of a call on it. `wasRefused`: the authentication ended in a no. */
export const unreachable = (address: string, error: unknown, wasRefused = false): Unreachable => {
  const cause = thrown(error)
  const isRefusal = wasRefused || tlsRefusal.test(cause.code) || cause.message.startsWith(unusable)
  return new Unreachable({ reason: `${address} ${connectionReason(cause)}`.replaceAll("\n", " "), isRefusal })
}

/** Headers of the owner's own, and which of them cannot be: those that the connection or the scheme decides. Pure. */
import type { HttpConfig } from "@tailrace/domain"
import { Result } from "effect"
import { InvalidDestination } from "../ObjectStore.ts"
import { ownHeaders } from "./HttpLimits.ts"

/** Hop by hop (RFC 9110 §7.6.1), or ours to say. */
const reserved = new Set([
  "connection",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent"
])

const reservedPrefix = /^(content-|x-tailrace-)/

/** RFC 9110 §5.1 and §5.5, without what only old servers sent. */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const headerValue = /^([\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?)?$/

const refuse = (name: string, reason: string) =>
  Result.fail(new InvalidDestination({ field: "headers", reason: `${name.slice(0, ownHeaders.nameBytes)}: ${reason}` }))

const checkHeader = (name: string, value: string, { scheme }: HttpConfig) => {
  const lower = name.toLowerCase()
  if (name.length > ownHeaders.nameBytes || !headerName.test(name)) return refuse(name, "is not a header's name")
  if (reserved.has(lower) || reservedPrefix.test(lower)) return refuse(name, "is set by Tailrace or the connection")
  if (lower === "authorization" && (scheme === "bearer" || scheme === "basic")) {
    return refuse(name, `is set by the scheme ${scheme}`)
  }
  if (value.length > ownHeaders.valueBytes) return refuse(name, `is over ${ownHeaders.valueBytes} characters`)
  return headerValue.test(value)
    ? Result.succeed(undefined)
    : refuse(name, "must be printable ASCII without outer spaces")
}

/** The failure names the header. */
export const checkHeaders = (config: HttpConfig): Result.Result<void, InvalidDestination> => {
  const entries = Object.entries(config.headers)
  if (entries.length > ownHeaders.count) return refuse("headers", `at most ${ownHeaders.count}`)
  const names = entries.map(([name]) => name.toLowerCase())
  const repeated = names.find((name, index) => names.indexOf(name) !== index)
  if (repeated !== undefined) return refuse(repeated, "is there twice")
  return entries.reduce<Result.Result<void, InvalidDestination>>(
    (checked, [name, value]) => Result.flatMap(checked, () => checkHeader(name, value, config)),
    Result.succeed(undefined)
  )
}

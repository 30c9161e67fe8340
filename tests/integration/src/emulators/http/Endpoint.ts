/**
 * An endpoint as somebody would write one who has read docs/http-destination.md: it takes both formats, checks what the
 * scheme says, and refuses what it cannot read.
 */
import { Effect } from "effect"
import { createHmac, timingSafeEqual } from "node:crypto"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "./listen.ts"

export interface EndpointOptions {
  /** The value of `Authorization` that is expected; none: none may be there. */
  readonly authorization?: string
  /** Secret of the signature; none: none is looked for. */
  readonly hmac?: string
  /** Bytes of a body as it is sent; larger ones are answered 413. */
  readonly contentBytes?: number
  /** Records with this member are refused, and the request with them. */
  readonly poison?: string
}

export interface Endpoint {
  readonly url: string
  readonly faults: Faults
  readonly records: Array<Readonly<Record<string, unknown>>>
  /** Requests that were taken. */
  readonly requests: Array<Asked>
}

/** Seconds that a signature is good for. */
const toleranceSeconds = 300

const isSigned = ({ body, headers }: Asked, secret: string): boolean => {
  const time = headers["x-tailrace-timestamp"] ?? ""
  if (!(Math.abs(Date.now() / 1_000 - Number(time)) <= toleranceSeconds)) return false
  const expected = Buffer.from(`v1=${createHmac("sha256", secret).update(`${time}.`).update(body).digest("hex")}`)
  const given = Buffer.from(headers["x-tailrace-signature"] ?? "")
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const recordsOf = (asked: Asked, content: Buffer): ReadonlyArray<unknown> | undefined => {
  const text = content.toString("utf8")
  if (asked.headers["content-type"] === "application/x-ndjson") {
    return text === "" ? [] : text.endsWith("\n") ? text.slice(0, -1).split("\n").map(parsed) : undefined
  }
  const array = parsed(text)
  return asked.headers["content-type"] === "application/json" && Array.isArray(array) ? array : undefined
}

const take = (endpoint: Endpoint, options: EndpointOptions, asked: Asked): Told => {
  if (asked.headers["authorization"] !== options.authorization) return { status: 401, body: "who are you?" }
  if (options.hmac !== undefined && !isSigned(asked, options.hmac)) return { status: 403, body: "not signed" }
  if (asked.body.length > (options.contentBytes ?? Infinity)) return { status: 413, body: "too much" }
  const content = contentOf(asked, ["gzip", "zstd"])
  const records = content === undefined ? undefined : recordsOf(asked, content)
  if (records === undefined || !records.every(isObject)) return { status: 400, body: "not records" }
  const { poison } = options
  if (poison !== undefined && records.some((record) => poison in record)) return { status: 422, body: "not this one" }
  endpoint.records.push(...records)
  endpoint.requests.push(asked)
  return { status: 204 }
}

/** Until the scope closes. */
export const startEndpoint = Effect.fn("startEndpoint")(function*(options: EndpointOptions) {
  const endpoint: Endpoint = { url: "", faults: [], records: [], requests: [] }
  const { origin } = yield* listen(endpoint.faults, (asked) => take(endpoint, options, asked))
  return { ...endpoint, url: `${origin}/in?tenant=a` } satisfies Endpoint
})

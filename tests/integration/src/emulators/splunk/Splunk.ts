/**
 * Stands in for Splunk's HTTP Event Collector: what Splunk's documentation says ("Troubleshoot HTTP Event Collector",
 * "About HTTP Event Collector indexer acknowledgment") and what Enterprise 10.4 and Cloud 10.5 were measured to do. It
 * keeps what a search would find, not what was sent. Each refusal names its fact.
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "../http/listen.ts"
import { Acks } from "./Acks.ts"
import { codes, type Found, indexEvents } from "./indexEvents.ts"

export interface Token {
  readonly token: string
  readonly isDisabled?: boolean
  /** Asks for acknowledgements. */
  readonly useAck?: boolean
}

export interface SplunkOptions {
  readonly tokens: ReadonlyArray<Token>
  /** Splunk Cloud has a code and a size limit of its own. */
  readonly isCloud?: boolean
  /** Indexers behind a load balancer with sticky cookies. */
  readonly indexers?: number
  /** Which of both an empty body without a channel is told to miss is documented nowhere. */
  readonly missesDataFirst?: boolean
  /** How long an indexer takes to acknowledge: measured 1 to 1.3 s. */
  readonly ackMillis?: number
}

export interface Splunk {
  readonly url: string
  readonly origin: string
  readonly faults: Faults
  readonly found: Array<Found>
  /** `Authorization` of each request for events, also refused ones. */
  readonly authorizations: Array<string>
  /** Events of each body that was taken as a whole. */
  readonly requests: Array<number>
  /** How full queues are: `near` is taken and says so, `full` is not. */
  queue: "free" | "near" | "full"
  ackQueue: "free" | "near" | "full"
  /** An indexer that loses events before they are acknowledged. */
  acknowledges: boolean
}

const say = (code: keyof typeof codes, more: object = {}): Told => {
  const [status, text] = codes[code]
  return { status, body: { text, code, ...more } }
}

/** "The requested URL was not found on this server." on any other path; with 405 for GET. */
const notFound = (status: 404 | 405): Told => ({
  status,
  body: { text: "The requested URL was not found on this server.", code: 404 }
})

/** Measured: a content coding other than gzip is 415 with a page of HTML. */
const unsupported: Told = {
  status: 415,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: "<!doctype html><html><head><title>415 Unsupported Media Type</title></head><body><h1>Unsupported Media Type"
    + "</h1><p>The request's Content-Encoding is not supported.</p></body></html>"
}

/** `limits.conf [http_input] max_content_length` of Enterprise. */
const enterpriseBytes = 838_860_800

/** Cloud was measured to refuse a body between 5,242,881 and 6,000,000 bytes before compression. */
const cloudBytes = 5_242_880

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Measured: Basic with any user name works as `Splunk <token>` does. */
const givenToken = (authorization: string): string | undefined => {
  const [, scheme = "", value = ""] = /^(Splunk|Basic) (\S+)$/.exec(authorization) ?? []
  if (scheme === "Splunk") return value
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? []
  return scheme === "Basic" ? password : undefined
}

const access = ({ headers, query }: Asked, { tokens }: SplunkOptions): Token | Told => {
  const authorization = headers["authorization"]
  const inQuery = query.get("token")
  if (authorization === undefined && inQuery === null) return say(2)
  const given = authorization === undefined ? inQuery : givenToken(authorization)
  if (given === undefined) return say(3)
  const token = tokens.find((one) => one.token === given)
  if (token === undefined) return say(4)
  if (token.isDisabled === true) return say(1)
  // "Query string authorization is not enabled", after the token was looked at.
  return authorization === undefined ? say(16) : token
}

/** The channel of a token that asks for acknowledgements: in a header, or in the query. */
const channelOf = ({ headers, query }: Asked, { isCloud = false }: SplunkOptions): string | Told => {
  const channel = headers["x-splunk-request-channel"] ?? query.get("channel")
  // Cloud has a code of its own.
  if (channel === null) return say(isCloud ? 28 : 10)
  return guid.test(channel) ? channel : say(11)
}

interface Served {
  readonly splunk: Splunk
  readonly options: SplunkOptions
  readonly acks: Acks
}

const isTold = (value: unknown): value is Told => isObject(value) && "status" in value

/** Cloud answers as if the first event were broken, and not with 413. */
const sizeRefusal = (content: Buffer, { isCloud = false }: SplunkOptions): Told | undefined => {
  if (isCloud && content.length > cloudBytes) return say(6, { "invalid-event-number": 0 })
  return content.length > enterpriseBytes ? { status: 413, body: "Request entity too large" } : undefined
}

/** "Data channel/queue is full": nothing is taken. */
const queueRefusal = ({ ackQueue, queue }: Splunk): Told | undefined => {
  if (queue === "full") return say(26)
  return ackQueue === "full" ? say(27) : undefined
}

const success = ({ ackQueue, queue }: Splunk): keyof typeof codes =>
  queue === "near" ? 24 : ackQueue === "near" ? 25 : 0

const take = (asked: Asked, channel: string | undefined, { acks, options, splunk }: Served): Told => {
  const content = contentOf(asked, ["gzip"])
  if (content === undefined) return unsupported
  const refused = sizeRefusal(content, options) ?? queueRefusal(splunk)
  if (refused !== undefined) return refused
  const { fault, found } = indexEvents(content.toString("utf8"))
  if (fault === "empty") return say(5)
  splunk.found.push(...found)
  // What is before the event at fault is indexed, nothing from it on.
  if (fault !== undefined) return say(fault.code, { "invalid-event-number": fault.number })
  splunk.requests.push(found.length)
  if (channel === undefined) return say(success(splunk))
  const { ackId, headers } = acks.take(asked, channel)
  return { ...say(success(splunk), { ackId }), headers }
}

const events = (asked: Asked, served: Served): Told => {
  served.splunk.authorizations.push(asked.headers["authorization"] ?? "")
  const token = access(asked, served.options)
  if (isTold(token)) return token
  if (served.options.missesDataFirst === true && asked.body.length === 0) return say(5)
  const channel = token.useAck === true ? channelOf(asked, served.options) : undefined
  return isTold(channel) ? channel : take(asked, channel, served)
}

/** Ids that nobody asked about before, of this channel and this indexer, answer true once they are indexed; once. */
const askedAcks = (asked: Asked, { acks, options, splunk }: Served): Told => {
  const token = access(asked, options)
  if (isTold(token)) return token
  if (token.useAck !== true) return say(14)
  const channel = channelOf(asked, options)
  if (isTold(channel)) return channel
  const body = parsed(asked.body.toString("utf8"))
  const ids = isObject(body) && Array.isArray(body["acks"]) ? body["acks"] : undefined
  if (ids === undefined) return say(6)
  const answers = acks.answer(asked, channel, splunk.acknowledges ? ids : [])
  return { status: 200, body: { acks: { ...Object.fromEntries(ids.map((id) => [`${id}`, false])), ...answers } } }
}

const eventPaths = new Set(["/services/collector", "/services/collector/event", "/services/collector/event/1.0"])
const healthPaths = new Set(["/services/collector/health", "/services/collector/health/1.0"])

const route = (asked: Asked, served: Served): Told => {
  const { method, path } = asked
  if (method === "OPTIONS") return { status: 200 }
  // Needs no token, so it says nothing of one.
  if (healthPaths.has(path)) return method === "GET" ? say(17) : notFound(405)
  if (path === "/services/collector/ack") return method === "POST" ? askedAcks(asked, served) : notFound(405)
  if (!eventPaths.has(path)) return notFound(404)
  return method === "POST" ? events(asked, served) : notFound(405)
}

/** Until the scope closes. */
export const startSplunk = Effect.fn("startSplunk")(function*(options: SplunkOptions) {
  const splunk: Splunk = {
    url: "",
    origin: "",
    faults: [],
    found: [],
    authorizations: [],
    requests: [],
    queue: "free",
    ackQueue: "free",
    acknowledges: true
  }
  const acks = new Acks(options.indexers ?? 1, options.ackMillis ?? 0)
  const { origin } = yield* listen(splunk.faults, (asked) => route(asked, { splunk, options, acks }))
  return Object.assign(splunk, { url: `${origin}/services/collector/event`, origin })
})

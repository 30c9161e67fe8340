/**
 * Stands in for Axiom's ingest endpoint: what axiom.co/docs (restapi/ingest, restapi/api-limits, reference/limits) say.
 * Whether a failure tells an event's own time is not documented: both can be chosen.
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "../http/listen.ts"

export type Event = Readonly<Record<string, unknown>>

export interface AxiomOptions {
  readonly token: string
  readonly dataset: string
  /** Failures have the event's `_time`; else a time of nobody's. */
  readonly tellsTimes: boolean
  /** Fields a dataset may have: 256 in the free plan. */
  readonly fields?: number
}

export interface Axiom {
  readonly url: string
  readonly faults: Faults
  readonly events: Array<Event>
  /** Events of each request that was read. */
  readonly requests: Array<number>
  readonly fields: Set<string>
}

const requestEvents = 10_000
const fieldBytes = 1000 * 1000
const nameBytes = 200

const message = (status: number, text: string): Told => ({ status, body: { message: text } })

/** API tokens only: "personal access tokens are not supported for ingest". */
const refusesToken = ({ headers }: Asked, { token }: AxiomOptions): Told | undefined => {
  const given = headers["authorization"] ?? ""
  if (!given.startsWith("Bearer ")) return message(401, "unauthorized")
  return given === `Bearer ${token}` && !token.startsWith("xapt-") ? undefined : message(403, "forbidden")
}

/** What is wrong with one event; it alone is not ingested. */
const wrongWith = (event: Event, axiom: Axiom, limit: number): string | undefined => {
  const time = event["_time"]
  if (time !== undefined && (typeof time !== "string" || Number.isNaN(Date.parse(time)))) return "invalid _time"
  for (const [name, value] of Object.entries(event)) {
    if (Buffer.byteLength(name) > nameBytes) return "field name is longer than 200 bytes"
    if (Buffer.byteLength(JSON.stringify(value)) > fieldBytes) return `field ${name} is larger than 1 MB`
    if (!axiom.fields.has(name) && axiom.fields.size >= limit) return "field limit of the dataset is reached"
    axiom.fields.add(name)
  }
  return undefined
}

const ingest = (events: ReadonlyArray<Event>, axiom: Axiom, options: AxiomOptions) => {
  const failures: Array<{ readonly timestamp: unknown; readonly error: string }> = []
  for (const event of events) {
    const error = wrongWith(event, axiom, options.fields ?? 256)
    if (error === undefined) axiom.events.push(event)
    // Go writes no zeros at a fraction's end.
    else {
      const time = String(event["_time"]).replace(/\.?0+Z$/, "Z")
      failures.push({ timestamp: options.tellsTimes ? time : "0001-01-01T00:00:00Z", error })
    }
  }
  const failed = failures.length
  return { ingested: events.length - failed, failed, failures, processedBytes: 1, blocksCreated: 0, walLength: 2 }
}

const eventsOf = (content: Buffer): ReadonlyArray<Event> | undefined => {
  const lines = content.toString("utf8").split("\n").filter((line) => line !== "").map(parsed)
  return lines.every(isObject) ? lines : undefined
}

const take = (axiom: Axiom, options: AxiomOptions, asked: Asked): Told => {
  const refused = refusesToken(asked, options)
  if (refused !== undefined) return refused
  if (asked.path !== `/v1/ingest/${options.dataset}` || asked.method !== "POST") {
    return message(404, "dataset not found")
  }
  if (asked.headers["content-type"] !== "application/x-ndjson") return message(415, "unsupported content type")
  const content = contentOf(asked, ["gzip"])
  const events = content === undefined ? undefined : eventsOf(content)
  if (events === undefined) return message(400, "invalid JSON")
  // "Maximum events per batch: 10,000."
  if (events.length > requestEvents) return message(400, "too many events in a batch")
  axiom.requests.push(events.length)
  return { status: 200, body: ingest(events, axiom, options) }
}

/** 429 with the headers of its documentation; `resetSeconds` from now. */
export const limited = (resetSeconds: number): Told => ({
  ...message(429, "rate limit exceeded"),
  headers: {
    "x-ratelimit-scope": "organization",
    "x-ratelimit-limit": "1000",
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": `${Math.ceil(Date.now() / 1_000) + resetSeconds}`
  }
})

/** Until the scope closes. */
export const startAxiom = Effect.fn("startAxiom")(function*(options: AxiomOptions) {
  const axiom: Axiom = { url: "", faults: [], events: [], requests: [], fields: new Set() }
  const { origin } = yield* listen(axiom.faults, (asked) => take(axiom, options, asked))
  return { ...axiom, url: `${origin}/v1/ingest/${options.dataset}` } satisfies Axiom
})

/**
 * Stands in for Datadog's logs intake and its key check: what docs.datadoghq.com/api/latest/logs ("Send logs") and
 * "Log date remapper" say. It keeps what a person would find in Datadog, not what was sent.
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "../http/listen.ts"

export type Entry = Readonly<Record<string, unknown>>

export interface Datadog {
  readonly url: string
  readonly port: number
  readonly faults: Faults
  /** Logs that can be found there. */
  readonly logs: Array<Entry>
  /** Answered with 202, and gone. */
  readonly lost: Array<Entry>
  /** Found there without their end. */
  readonly cut: Array<Entry>
  /** Entries of each request that was taken. */
  readonly requests: Array<number>
}

const requestBytes = 5 * 1000 * 1000
const entryBytes = 1000 * 1000
const requestEntries = 1000
const oldestMillis = 18 * 3_600_000
const newestMillis = 2 * 3_600_000

/** Attributes from which a log is dated, in this order ("Log date remapper"). */
const dates = ["timestamp", "date", "_timestamp", "Timestamp", "eventTime", "published_date"]

const error = (status: number, detail: string): Told => ({
  status,
  body: { errors: [{ status: `${status}`, title: "Refused", detail }] }
})

/** 401: no key. 403: not a valid one. */
const refusesKey = ({ headers }: Asked, key: string): Told | undefined => {
  const given = headers["dd-api-key"]
  if (given === undefined) return error(401, "Unauthorized")
  return given === key ? undefined : error(403, "Forbidden")
}

const dateOf = (entry: Entry): number => {
  const value = dates.map((name) => entry[name]).find((date) => typeof date === "string" || typeof date === "number")
  return typeof value === "number" || typeof value === "string" ? new Date(value).getTime() : NaN
}

/** "Log events can be submitted up to 18 hours in the past and two hours in the future": others vanish behind a 202. */
const isKept = (entry: Entry): boolean => {
  const date = dateOf(entry)
  return Number.isNaN(date) || (date > Date.now() - oldestMillis && date < Date.now() + newestMillis)
}

const keep = (datadog: Datadog, entry: Entry) => {
  // "A log exceeding 1 MB is accepted and truncated by Datadog."
  if (Buffer.byteLength(JSON.stringify(entry)) > entryBytes) datadog.cut.push(entry)
  else (isKept(entry) ? datadog.logs : datadog.lost).push(entry)
}

const take = (datadog: Datadog, asked: Asked): Told => {
  // gzip and deflate are documented, zstd is what its agent sends.
  const content = contentOf(asked, ["gzip", "deflate", "zstd"])
  if (content === undefined) return error(400, "Invalid content encoding")
  // 413 "Payload too large (max payload is 5 MB uncompressed)".
  if (content.length > requestBytes) return error(413, "Payload too large")
  const entries = parsed(content.toString("utf8"))
  if (!Array.isArray(entries) || !entries.every(isObject)) return error(400, "Invalid JSON")
  // "Maximum array size if sending multiple logs in an array: 1000 entries."
  if (entries.length > requestEntries) return error(400, "Too many entries")
  datadog.requests.push(entries.length)
  for (const entry of entries) keep(datadog, entry)
  return { status: 202, body: {} }
}

const route = (datadog: Datadog, key: string, asked: Asked): Told => {
  const refused = refusesKey(asked, key)
  if (refused !== undefined) return refused
  if (asked.path === "/api/v1/validate" && asked.method === "GET") return { status: 200, body: { valid: true } }
  return asked.path === "/api/v2/logs" && asked.method === "POST" ? take(datadog, asked) : error(404, "Not found")
}

/** Until the scope closes. */
export const startDatadog = Effect.fn("startDatadog")(function*(key: string) {
  const kept = { faults: [], logs: [], lost: [], cut: [], requests: [] }
  const datadog: Datadog = { url: "", port: 0, ...kept }
  const { origin, port } = yield* listen(datadog.faults, (asked) => route(datadog, key, asked))
  return { ...datadog, url: `${origin}/api/v2/logs`, port } satisfies Datadog
})

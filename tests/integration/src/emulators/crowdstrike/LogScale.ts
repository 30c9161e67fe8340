/**
 * Stands in for Falcon LogScale's event collector: what library.humio.com ("Ingesting with HTTP Event Collector") says:
 * a bearer's ingest token, "whitespace delimited JSON objects", times as numbers.
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "../http/listen.ts"

export type Event = Readonly<Record<string, unknown>>

export interface LogScale {
  readonly url: string
  readonly faults: Faults
  readonly events: Array<Event>
}

const paths = new Set(["/api/v1/ingest/hec", "/services/collector", "/services/collector/event"])

const take = (logScale: LogScale, token: string, asked: Asked): Told => {
  if (!paths.has(asked.path)) return { status: 404, body: "not found" }
  const authorization = asked.headers["authorization"]
  if (authorization === undefined) return { status: 401, body: "The supplied authentication is missing" }
  if (authorization !== `Bearer ${token}`) return { status: 401, body: "The supplied authentication is invalid" }
  const content = contentOf(asked, ["gzip"])
  if (content === undefined) return { status: 415, body: "unsupported" }
  // Objects stand apart by white space: two in one piece are none.
  const events = content.toString("utf8").split("\n").filter((line) => line !== "").map(parsed)
  if (!events.every(isObject)) return { status: 400, body: { text: "Could not handle input", code: 6 } }
  logScale.events.push(...events)
  return { status: 200, body: { text: "Success", code: 0 } }
}

/** Until the scope closes. */
export const startLogScale = Effect.fn("startLogScale")(function*(token: string) {
  const logScale: LogScale = { url: "", faults: [], events: [] }
  const { origin } = yield* listen(logScale.faults, (asked) => take(logScale, token, asked))
  return { ...logScale, url: `${origin}/api/v1/ingest/hec` } satisfies LogScale
})

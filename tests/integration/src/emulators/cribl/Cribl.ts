/**
 * Stands in for the HTTP source of Cribl Stream: what docs.cribl.io ("HTTP/S (Bulk API) Source") says. Three protocols
 * on one port; it keeps the events that come out of the source.
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "../http/listen.ts"
import { objectsOf } from "../vector/objectsOf.ts"

export type Event = Readonly<Record<string, unknown>>

export interface Cribl {
  readonly origin: string
  readonly faults: Faults
  readonly events: Array<Event>
  /** What a client that comes while all connections are taken is told. */
  isBusy: boolean
}

/** "Auth tokens: Shared secrets to be provided by any client (Authorization: <token>)"; else 403. */
const isKnown = ({ headers }: Asked, authorization: string): boolean => headers["authorization"] === authorization

const epoch = (time: unknown): number => typeof time === "string" ? Date.parse(time) / 1_000 : Number(time)

/** `_time` of an event that has none is that of its arrival. */
const timed = (event: Event, time: unknown): Event => ({
  ...event,
  _time: time === undefined ? "arrival" : epoch(time)
})

const bulk = (objects: ReadonlyArray<Event>): ReadonlyArray<Event> =>
  objects.map((event) => timed(event, event["_time"]))

/** An action line, then its document. */
const elastic = (objects: ReadonlyArray<Event>): ReadonlyArray<Event> =>
  objects.filter((_, index) => index % 2 === 1).map(({ "@timestamp": time, ...event }) => timed(event, time))

const collector = (objects: ReadonlyArray<Event>): ReadonlyArray<Event> =>
  objects.map(({ time, ...event }) => timed(event, time))

interface Protocol {
  readonly events: (objects: ReadonlyArray<Event>) => ReadonlyArray<Event>
  readonly success: unknown
  readonly empty: Told
}

const ok: Told = { status: 200, body: {} }

const protocols: Readonly<Record<string, Protocol>> = {
  "/cribl/_bulk": { events: bulk, success: {}, empty: ok },
  "/elastic/_bulk": { events: elastic, success: { took: 1, errors: false, items: [] }, empty: ok },
  "/services/collector": {
    events: collector,
    success: { text: "Success", code: 0 },
    empty: { status: 400, body: { text: "No data", code: 5 } }
  }
}

const protocolOf = (path: string): Protocol | undefined => protocols[path.replace(/(?<=collector)\/event$/, "")]

const take = (cribl: Cribl, authorization: string, asked: Asked): Told => {
  if (cribl.isBusy) return { status: 503, body: "Server is busy, max active connections reached" }
  if (!isKnown(asked, authorization)) return { status: 403, body: "Forbidden" }
  const protocol = protocolOf(asked.path)
  if (protocol === undefined || asked.method !== "POST") return { status: 404, body: "Not Found" }
  // "Supports gzip-compressed inbound data."
  const content = contentOf(asked, ["gzip"])
  if (content === undefined) return { status: 415, body: "Unsupported Media Type" }
  const { cut, objects } = objectsOf(content.toString("utf8"))
  const events = objects.map(parsed)
  if (cut || !events.every(isObject)) return { status: 400, body: "Bad Request" }
  if (events.length === 0) return protocol.empty
  cribl.events.push(...protocol.events(events))
  return { status: 200, body: protocol.success }
}

/** Until the scope closes. `authorization`: the whole header that it wants. */
export const startCribl = Effect.fn("startCribl")(function*(authorization: string) {
  const cribl: Cribl = { origin: "", faults: [], events: [], isBusy: false }
  const { origin } = yield* listen(cribl.faults, (asked) => take(cribl, authorization, asked))
  return Object.assign(cribl, { origin })
})

/**
 * Stands in for Panther's HTTP source with the stream type Lines and bearer authentication: what docs.panther.com
 * ("HTTP Source") says. Statuses are not documented there but for the usual meaning of theirs.
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, isObject, listen, parsed, type Told } from "../http/listen.ts"

export type Event = Readonly<Record<string, unknown>>

export interface Panther {
  readonly url: string
  readonly faults: Faults
  readonly events: Array<Event>
  /** Bytes of each request that was taken, headers included. */
  readonly requests: Array<number>
}

/** "Payloads may be at most 1 MB, headers included", whichever way compressed. */
const requestBytes = 1_000_000

const headerBytes = ({ headers }: Asked): number =>
  Object.entries(headers).reduce((bytes, [name, value]) => bytes + name.length + value.length + 4, 64)

/** `time` and `event` are required by the schemas `Tailscale.Audit` and `Tailscale.Network`. */
const isEvent = (value: unknown): value is Event => isObject(value) && "time" in value && "event" in value

const take = (panther: Panther, token: string, asked: Asked): Told => {
  if (asked.headers["authorization"] !== `Bearer ${token}`) return { status: 401, body: { message: "Unauthorized" } }
  const bytes = asked.body.length + headerBytes(asked)
  const content = contentOf(asked, ["gzip", "zstd"])
  if (content === undefined) return { status: 400, body: { message: "cannot decode the payload" } }
  if (bytes > requestBytes) return { status: 413, body: { message: "Request Entity Too Large" } }
  const events = content.toString("utf8").split("\n").filter((line) => line !== "").map(parsed)
  if (!events.every(isEvent)) return { status: 400, body: { message: "payload does not match the schema" } }
  panther.events.push(...events)
  panther.requests.push(bytes)
  return { status: 200, body: { message: "accepted" } }
}

/** Until the scope closes. */
export const startPanther = Effect.fn("startPanther")(function*(token: string) {
  const panther: Panther = { url: "", faults: [], events: [], requests: [] }
  const { origin } = yield* listen(panther.faults, (asked) => take(panther, token, asked))
  return { ...panther, url: `${origin}/http/0a1b2c3d` } satisfies Panther
})

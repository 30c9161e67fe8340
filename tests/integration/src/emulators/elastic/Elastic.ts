/**
 * Stands in for one Elasticsearch data stream behind `_bulk`: what elastic.co/docs say ("Bulk API", "Data streams",
 * "Security privileges").
 */
import { Effect } from "effect"
import { type Asked, contentOf, type Faults, listen, type Told } from "../http/listen.ts"
import { type Outcome, runOperations } from "./operations.ts"

export type Document = Readonly<Record<string, unknown>>

export interface ElasticOptions {
  readonly stream: string
  /** The only valid value of `Authorization`. */
  readonly credential: string
  /** `http.max_content_length`, 100 MB by default; of the body as it is sent. */
  readonly contentBytes?: number
  /** False: `action.auto_create_index` is off and there is no template for the stream. */
  readonly hasStream?: boolean
  /** False: the credential may not write to the stream. */
  readonly mayWrite?: boolean
}

export interface Elastic {
  readonly url: string
  readonly faults: Faults
  /** By id. */
  readonly documents: Map<string, Document>
  /** Operations of each request that was read, and what came of each of them. */
  readonly requests: Array<ReadonlyArray<Outcome>>
  /** What fields are, as earlier documents made them: the next of another kind cannot be parsed. */
  readonly mapping: Map<string, string>
  /** Operations for which the write queue is full: the next so many are answered 429. */
  busy: number
  /** Operations whose shard is away: the next so many, after the busy ones, are answered 503. */
  away: number
}

const fault = (status: number, type: string, reason: string): Told => ({
  status,
  body: { error: { root_cause: [{ type, reason }], type, reason }, status }
})

/** 401 without a valid credential, with the schemes that would be taken. */
const refusesCredential = ({ headers }: Asked, { credential }: ElasticOptions): Told | undefined => {
  if (headers["authorization"] === credential) return undefined
  const told = fault(401, "security_exception", "unable to authenticate with provided credentials and anonymous access")
  return { ...told, headers: { "www-authenticate": "Basic realm=\"security\" charset=\"UTF-8\", ApiKey" } }
}

/** Whole requests that are refused before an operation is looked at. */
const refusesBody = (asked: Asked, content: Buffer | undefined, { contentBytes }: ElasticOptions): Told | undefined => {
  // `http.max_content_length` counts what is sent.
  if (asked.body.length > (contentBytes ?? 100 * 1024 * 1024)) return { status: 413, body: "" }
  const type = asked.headers["content-type"] ?? ""
  // "Use a Content-Type header of application/json or application/x-ndjson."
  if (!/^application\/(x-ndjson|json)/.test(type)) {
    return fault(406, "media_type_header_exception", `Content-Type header [${type}] is not supported`)
  }
  if (content === undefined) return fault(400, "illegal_argument_exception", "not a gzip stream")
  if (content.length === 0) return fault(400, "parse_exception", "request body is required")
  // "The final line of data must end with a newline character \n."
  return content.at(-1) === 0x0a
    ? undefined
    : fault(400, "illegal_argument_exception", "The bulk request must be terminated by a newline [\\n]")
}

/** Of `filter_path` what is asked for here: `errors`, and of each item `status` and `error`. */
const answerOf = ({ query }: Asked, outcomes: ReadonlyArray<Outcome>, stream: string): Told => {
  const errors = outcomes.some(({ error }) => error !== undefined)
  const isFiltered = query.get("filter_path") === "errors,items.*.status,items.*.error"
  const items = outcomes.map(({ error, id, name, status }) => ({
    [name]: { ...(isFiltered ? {} : { _index: `.ds-${stream}-000001`, _id: id }), status, ...(error && { error }) }
  }))
  return { status: 200, body: { ...(isFiltered ? {} : { took: 3 }), errors, items } }
}

const bulk = (elastic: Elastic, options: ElasticOptions, asked: Asked): Told => {
  const refused = refusesCredential(asked, options)
  if (refused !== undefined) return refused
  if (asked.path !== `/${options.stream}/_bulk` || asked.method !== "POST") {
    return fault(405, "illegal_argument_exception", `Incorrect HTTP method for uri [${asked.path}]`)
  }
  const content = contentOf(asked, ["gzip"])
  const refusedBody = refusesBody(asked, content, options)
  if (refusedBody !== undefined || content === undefined) return refusedBody ?? fault(400, "", "")
  const outcomes = runOperations(elastic, options, content.toString("utf8"))
  if (typeof outcomes === "string") return fault(400, "illegal_argument_exception", outcomes)
  elastic.requests.push(outcomes)
  return answerOf(asked, outcomes, options.stream)
}

/** Until the scope closes. */
export const startElastic = Effect.fn("startElastic")(function*(options: ElasticOptions) {
  const elastic: Elastic = {
    url: "",
    faults: [],
    documents: new Map(),
    requests: [],
    mapping: new Map(),
    busy: 0,
    away: 0
  }
  const { origin } = yield* listen(elastic.faults, (asked) => bulk(elastic, options, asked))
  return Object.assign(elastic, { url: `${origin}/${options.stream}/_bulk?pretty` })
})

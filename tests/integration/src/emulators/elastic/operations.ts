/** What comes of each operation of a `_bulk` body (elastic.co/docs, "Bulk API"). */
import { isObject, parsed } from "../http/listen.ts"
import type { Document, Elastic, ElasticOptions } from "./Elastic.ts"

export interface Outcome {
  readonly name: string
  readonly id: string
  readonly status: number
  readonly error?: { readonly type: string; readonly reason: string }
}

interface Operation {
  readonly name: string
  readonly id: string
  readonly source: string
}

const failed = ({ id, name }: Operation, status: number, [type, reason]: readonly [string, string]): Outcome => ({
  name,
  id,
  status,
  error: { type, reason }
})

/** Ids have at most 512 bytes ("_id field"). */
const idBytes = 512

/** A `date` field takes `strict_date_optional_time||epoch_millis`. */
const isDate = (value: unknown): boolean =>
  typeof value === "number" || typeof value === "string" && !Number.isNaN(Date.parse(value))

const kindOf = (value: unknown): string => Array.isArray(value) ? kindOf(value[0]) : typeof value

/** A field that was an object, and is none now, cannot be indexed; names of fields only differ in their kind. */
const clash = (document: Document, mapping: Map<string, string>): string | undefined =>
  Object.entries(document).find(([name, value]) => {
    const kind = kindOf(value)
    const before = mapping.get(name) ?? kind
    if (value !== null) mapping.set(name, before)
    return value !== null && (before === "object") !== (kind === "object")
  })?.[0]

const refusesDocument = (operation: Operation, elastic: Elastic): Outcome | undefined => {
  const document = parsed(operation.source)
  if (!isObject(document)) {
    return failed(operation, 400, ["document_parsing_exception", "failed to parse: it is not a JSON object"])
  }
  if (!isDate(document["@timestamp"])) {
    return failed(operation, 400, [
      "document_parsing_exception",
      "data stream timestamp field [@timestamp] is missing or malformed"
    ])
  }
  const field = clash(document, elastic.mapping)
  if (field === undefined) return undefined
  return failed(operation, 400, ["document_parsing_exception", `object mapping for [${field}] tried to parse field`])
}

const refusesOperation = (operation: Operation, elastic: Elastic, options: ElasticOptions): Outcome | undefined => {
  if (options.mayWrite === false) {
    return failed(operation, 403, ["security_exception", `action [indices:data/write/bulk[s]] is unauthorized`])
  }
  if (options.hasStream === false) {
    return failed(operation, 404, ["index_not_found_exception", `no such index [${options.stream}]`])
  }
  // "Data streams support only the create action."
  if (operation.name !== "create") {
    return failed(operation, 400, [
      "illegal_argument_exception",
      "only write ops with an op_type of create are allowed in data streams"
    ])
  }
  if (elastic.busy-- > 0) return failed(operation, 429, ["es_rejected_execution_exception", "rejected execution"])
  if (elastic.away-- > 0) return failed(operation, 503, ["unavailable_shards_exception", "primary shard is not active"])
  if (Buffer.byteLength(operation.id) > idBytes) {
    return failed(operation, 400, ["illegal_argument_exception", "id is too long, must be no longer than 512 bytes"])
  }
  return undefined
}

const run = (operation: Operation, elastic: Elastic, options: ElasticOptions): Outcome => {
  const refused = refusesOperation(operation, elastic, options)
  if (refused !== undefined) return refused
  // `create` "fails if a document with the same ID already exists in the target".
  if (elastic.documents.has(operation.id)) {
    return failed(operation, 409, ["version_conflict_engine_exception", "version conflict, document already exists"])
  }
  const unparsable = refusesDocument(operation, elastic)
  const document = parsed(operation.source)
  if (unparsable !== undefined || !isObject(document)) return unparsable ?? failed(operation, 400, ["", ""])
  elastic.documents.set(operation.id, document)
  return { name: operation.name, id: operation.id, status: 201 }
}

const operationOf = (line: string, source: string): Operation | undefined => {
  const action = parsed(line)
  const [entry] = isObject(action) ? Object.entries(action) : []
  if (entry === undefined) return undefined
  const [name, of] = entry
  const id = isObject(of) ? of["_id"] : undefined
  return { name, id: typeof id === "string" ? id : crypto.randomUUID(), source }
}

/** A text: why the body as a whole is refused. */
export const runOperations = (
  elastic: Elastic,
  options: ElasticOptions,
  content: string
): ReadonlyArray<Outcome> | string => {
  const lines = content.split("\n").slice(0, -1)
  if (lines.every((line) => line === "")) return "request body is required"
  const operations: Array<Operation> = []
  for (let index = 0; index < lines.length; index += 2) {
    const operation = operationOf(lines[index] ?? "", lines[index + 1] ?? "")
    if (operation === undefined) return `Malformed action/metadata line [${index + 1}]`
    operations.push(operation)
  }
  elastic.busy = Math.max(0, elastic.busy)
  elastic.away = Math.max(0, elastic.away)
  return operations.map((operation) => run(operation, elastic, options))
}

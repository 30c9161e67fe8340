/** Which audit records a query asks for, and how one is shown: with `type`, without `logged`, as the service does. */
import { actorMentions, eventNames } from "@tailrace/domain"
import { Option, Schema } from "effect"

export interface AuditQuery {
  readonly actor: ReadonlyArray<string>
  readonly target: ReadonlyArray<string>
  readonly event: ReadonlyArray<string>
}

const JsonObject = Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown))
const decodeObject = Schema.decodeUnknownOption(JsonObject)
const decodePart = Schema.decodeUnknownOption(Schema.Record(Schema.String, Schema.Unknown))

type Part = Readonly<Record<string, unknown>>

const partOf = (record: Part, name: string): Part => Option.getOrElse(decodePart(record[name]), () => ({}))

const textOf = (part: Part, name: string): string => {
  const value = part[name]
  return typeof value === "string" ? value : ""
}

const matchesActor = (actor: Part) => (wanted: string): boolean =>
  wanted.startsWith("~") ? actorMentions(actor, wanted.slice(1)) : textOf(actor, "id") === wanted

const matchesTarget = (target: Part) => (wanted: string): boolean =>
  ["id", "name", "type", "property"].some((name) => textOf(target, name).toLowerCase().includes(wanted.toLowerCase()))

const anyOf = (wanted: ReadonlyArray<string>, matches: (text: string) => boolean) =>
  wanted.length === 0 || wanted.some((text) => matches(text))

const matches = (record: Part, query: AuditQuery): boolean => {
  const target = partOf(record, "target")
  const names = eventNames(record)
  return anyOf(query.actor, matchesActor(partOf(record, "actor"))) && anyOf(query.target, matchesTarget(target)) &&
    anyOf(query.event, (event) => names.includes(event))
}

/** The record as the API shows it; none: not asked for, or no JSON object. */
export const auditText = (text: string, query: AuditQuery): Option.Option<string> =>
  decodeObject(text).pipe(
    Option.filter((record) => matches(record, query)),
    Option.map(({ logged: _, ...record }) => {
      const deferredAt = record["deferredAt"] ?? "0001-01-01T00:00:00Z"
      return JSON.stringify({ ...record, type: "CONFIG", deferredAt })
    })
  )

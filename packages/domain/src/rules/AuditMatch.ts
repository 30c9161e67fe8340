/**
 * What events and actors of audit records are called when somebody asks for them: in the query of the audit log, as
 * Tailscale's API has it, and in the rules of destinations.
 */
import { type Part, partOf, textOf } from "./RecordParts.ts"

/**
 * Names of an event, `TARGET.ACTION` and `TARGET.ACTION.PROPERTY`: the values of the `event` filter in Tailscale's API.
 * None: it is no audit record.
 *
 * @example
 * ```ts
 * eventNames({ action: "UPDATE", target: { type: "TAILNET", property: "ACL" } })
 * // => ["TAILNET.UPDATE", "TAILNET.UPDATE.ACL"]
 * ```
 */
export const eventNames = (record: Part): ReadonlyArray<string> => {
  const target = partOf(record, "target")
  const type = textOf(target, "type")
  const action = textOf(record, "action")
  if (type === "" || action === "") return []
  const property = textOf(target, "property")
  return property === "" ? [`${type}.${action}`] : [`${type}.${action}`, `${type}.${action}.${property}`]
}

/** Whether the login or display name of an actor holds the text, in whatever case. */
export const actorMentions = (actor: Part, text: string): boolean => {
  const wanted = text.toLowerCase()
  return ["loginName", "displayName"].some((name) => textOf(actor, name).toLowerCase().includes(wanted))
}

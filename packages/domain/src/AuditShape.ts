/**
 * Tells an audit record from a flow record by its shape, as they come mixed through one receiver. It validates no
 * field: what a record must hold is the reader's affair.
 */
import type { LogType } from "./LogType.ts"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Who did what to what; `eventTime`, `type` and `logged` are each absent in one of the channels. */
const isAudit = (record: Readonly<Record<string, unknown>>): boolean =>
  typeof record["action"] === "string" && isObject(record["actor"]) && isObject(record["target"])

/** A node and its window; the traffic arrays may all be absent. */
const isFlow = (record: Readonly<Record<string, unknown>>): boolean =>
  typeof record["nodeId"] === "string" && typeof record["start"] === "string" && typeof record["end"] === "string"

/**
 * The log type of a parsed record, or undefined if it is neither (or both).
 *
 * @example
 * ```ts
 * kindOfRecord({ nodeId: "n1CNTRL", start: "2026-07-24T09:05:00Z", end: "2026-07-24T09:05:05Z" }) // => "network"
 * kindOfRecord({ action: "CREATE", actor: {}, target: {} }) // => "configuration"
 * kindOfRecord([]) // => undefined
 * ```
 */
export const kindOfRecord = (record: unknown): LogType | undefined => {
  if (!isObject(record)) return undefined
  const audit = isAudit(record)
  if (audit === isFlow(record)) return undefined
  return audit ? "configuration" : "network"
}

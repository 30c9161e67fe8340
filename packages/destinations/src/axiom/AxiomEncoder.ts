/**
 * Records as lines for a dataset: their own members, and before them `_time`, by which Axiom dates an event: the
 * record's own time (a flow record's middle, an audit record's `eventTime`, else `logged`).
 *
 * `{"_time":"<RFC 3339>",<members>}`
 */
import type { Receiver, ReceiverContext } from "../Receiver.ts"
import { DatedEntry } from "../record/DatedEntry.ts"
import { fillEntries } from "../record/entries.ts"
import { axiomLimits } from "./AxiomLimits.ts"

/** What each line begins with; the time and its closing quote follow. */
export const lineFront = `{"_time":"`

export const axiomEncoder = (topic: ReceiverContext["topic"]): Receiver["encode"] => {
  const entry = new DatedEntry({ topic, front: lineFront.slice(0, -1), names: ["_time"], isLine: true })
  return (records, into, nowMillis) =>
    fillEntries(records, into, { limits: axiomLimits, framing: "lines", entry: entry.of(records, nowMillis) })
}

/**
 * Records as Datadog's entries: the record's own members beside `ddsource`, `service` and `timestamp`, as Tailscale's
 * own stream arrives there. `timestamp` is the record's own time (a flow record's middle, an audit record's
 * `eventTime`), by which Datadog dates a log; where that is a time that Datadog drops, as of a node whose clock is
 * wrong, it is the time when the record was logged.
 *
 * `{"ddsource":"tailscale","service":"logstream-network","timestamp":"<RFC 3339>",<members>}`
 */
import { Duration } from "effect"
import type { Receiver, ReceiverContext } from "../Receiver.ts"
import { DatedEntry } from "../record/DatedEntry.ts"
import { fillEntries } from "../record/entries.ts"
import type { RecordReader } from "../record/RecordReader.ts"
import { datadogLimits, newest, oldest } from "./DatadogLimits.ts"

type Topic = ReceiverContext["topic"]

/** By these names Datadog's integration knows the two logs. */
export const serviceOf = (topic: Topic): string => topic === "flow" ? "logstream-network" : "logstream-config"

const oldestMillis = Duration.toMillis(oldest)
const newestMillis = Duration.toMillis(newest)

export const tooOld = `is older than ${
  Duration.toHours(oldest)
} hours: Datadog answers 202 and drops logs older than 18 hours`
export const tooNew = `is over ${Duration.toHours(newest)} hour ahead of now: Datadog drops logs over 2 hours ahead`

const timeOf = (reader: RecordReader, nowMillis: number): number | string => {
  const isTaken = (millis: number) => millis > nowMillis - oldestMillis && millis < nowMillis + newestMillis
  const own = reader.millis(nowMillis)
  if (isTaken(own)) return own
  const logged = reader.loggedMillis()
  if (isTaken(logged)) return logged
  return (Number.isNaN(logged) ? own : logged) < nowMillis ? tooOld : tooNew
}

export const datadogEncoder = (topic: Topic): Receiver["encode"] => {
  const entry = new DatedEntry({
    topic,
    front: `{"ddsource":"tailscale","service":"${serviceOf(topic)}","timestamp":`,
    names: ["ddsource", "service", "timestamp"],
    isLine: false,
    timeOf
  })
  return (records, into, nowMillis) =>
    fillEntries(records, into, { limits: datadogLimits, framing: "array", entry: entry.of(records, nowMillis) })
}

/** How a destination is doing: Tailscale's status body, and ours with the state of each leg. Answers only. */
import { Capabilities, LogType } from "@tailrace/domain"
import { Schema } from "effect"

const figures = {
  lastActivity: Schema.String,
  lastError: Schema.String,
  /** Largest body sent so far, in bytes. */
  maxBodySize: Schema.Int,
  /** Most records in one object; of receivers, which are not counted request by request, at least so many in one. */
  maxNumEntries: Schema.Int,
  numBytesSent: Schema.Int,
  numEntriesSent: Schema.Int,
  numFailedRequests: Schema.Int,
  numSpoofedEntries: Schema.Int,
  numTotalRequests: Schema.Int,
  /** Exponentially weighted averages, each per second. */
  rateBytesSent: Schema.Finite,
  rateEntriesSent: Schema.Finite,
  rateFailedRequests: Schema.Finite,
  rateTotalRequests: Schema.Finite
}

/** `LogstreamEndpointPublishingStatus` of Tailscale's API. `lastActivity` is year 1 while nothing was sent. */
export const StreamStatus = Schema.Struct(figures).annotate({ identifier: "StreamStatus" })
export type StreamStatus = typeof StreamStatus.Type

/** What a leg is doing. `waiting for flow logs`: the tailnet's flow logs are off, so nothing can arrive. */
export const SendingState = Schema.Literals([
  "streaming",
  "backing off",
  "suspended",
  "paused",
  "waiting for flow logs",
  "closed"
])
export type SendingState = typeof SendingState.Type

/** One leg: the destination on one lane. Lanes on which nothing was delivered and nothing waits are left out. */
export const LegStatus = Schema.Struct({
  lane: Schema.Int,
  state: SendingState,
  /** Offset of the first record that is not delivered. */
  cursor: Schema.Int,
  /** Records that wait to be delivered. */
  lagRecords: Schema.Int,
  /** False: so many wait that they were estimated. */
  lagIsExact: Schema.Boolean,
  /** Age of the oldest record that waits. */
  lagSeconds: Schema.Finite,
  /** Until the oldest record that waits is lost to retention; null: nothing waits. */
  secondsUntilLoss: Schema.NullOr(Schema.Finite),
  lastError: Schema.String,
  /** Failed attempts in a row; of a suspended leg, failed probes. 0: nothing is failing. */
  attempts: Schema.Int,
  suspendedSince: Schema.NullOr(Schema.String),
  /** When the next attempt or probe is due. */
  nextProbe: Schema.NullOr(Schema.String),
  /** Key of the object that is decided, but not yet acknowledged. */
  openObject: Schema.NullOr(Schema.String),
  /** Records that retention took before they could be delivered. */
  lostRecords: Schema.Int
}).annotate({ identifier: "LegStatus" })
export type LegStatus = typeof LegStatus.Type

export const DestinationStatus = Schema.Struct({
  ...figures,
  id: Schema.String,
  logType: LogType,
  /** The worst state of its legs. */
  state: SendingState,
  /** Stores: objects that were written. */
  numObjects: Schema.Int,
  numQuarantinedEntries: Schema.Int,
  lagRecords: Schema.Int,
  lagIsExact: Schema.Boolean,
  lagSeconds: Schema.Finite,
  secondsUntilLoss: Schema.NullOr(Schema.Finite),
  /** Of the leg with the most. */
  attempts: Schema.Int,
  /** Of the leg that is suspended the longest. */
  suspendedSince: Schema.NullOr(Schema.String),
  nextProbe: Schema.NullOr(Schema.String),
  /** What the destination can do, as the last probe or test found; null: not known yet. */
  capabilities: Schema.NullOr(Capabilities),
  legs: Schema.Array(LegStatus)
}).annotate({ identifier: "DestinationStatus" })
export type DestinationStatus = typeof DestinationStatus.Type

/** Result of a test: a small object was put, looked at and put again; a receiver was sent an event marked as a test. */
export const TestResult = Schema.Struct({
  ok: Schema.Boolean,
  message: Schema.String,
  capabilities: Schema.NullOr(Capabilities)
}).annotate({ identifier: "TestResult" })
export type TestResult = typeof TestResult.Type

/** One thing that happened to a destination: a change (with who made it), or what delivery did (with the lane). */
export const HistoryEntry = Schema.Struct({
  time: Schema.String,
  event: Schema.String,
  by: Schema.optionalKey(Schema.String),
  lane: Schema.optionalKey(Schema.Int),
  details: Schema.Record(Schema.String, Schema.Unknown)
}).annotate({ identifier: "HistoryEntry" })
export type HistoryEntry = typeof HistoryEntry.Type

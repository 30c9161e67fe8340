/** What happened to one destination: the changes of the control log (who, from where) joined with what delivery did. */
import type { HistoryEntry } from "@tailrace/api"
import { Audit, type ControlEvent, type Destination, Start } from "@tailrace/domain"
import { historyOf } from "@tailrace/event-store"
import { Effect, Stream } from "effect"
import type { RecentEvent } from "../ledger/RecentEvents.ts"
import { rfc3339 } from "../Time.ts"

/** Changes shown; older ones are in the audit log. */
export const maxChanges = 200

interface Timed {
  readonly at: number
  readonly entry: HistoryEntry
}

const timed = (at: number, entry: Omit<HistoryEntry, "time">): Timed => ({
  at,
  entry: { time: rfc3339(at), ...entry }
})

const ofDestination = (destination: Destination) => (event: ControlEvent): boolean =>
  "destination" in event && event.destination === destination.id && event._tag !== "NoticeTaken"

const startText = (start: Start) =>
  Start.match(start, {
    At: ({ offsets }) => ({ offsets }),
    Replaces: ({ destination }) => ({ replaces: destination })
  })

const changedFrom = (destination: Destination, version: number): ReadonlyArray<string> => {
  const [before, after] = [version - 1, version].map((wanted) =>
    destination.versions.find((candidate) => candidate.version === wanted)
  )
  return before === undefined || after === undefined ? [] : [Audit.changedFields(before, after)]
}

const detailsOf = (destination: Destination, event: ControlEvent): Readonly<Record<string, unknown>> => {
  switch (event._tag) {
    case "DestinationCreated":
      return { configVersion: event.version.version, start: startText(event.start) }
    case "DestinationUpdated":
      return { configVersion: event.version.version, changes: changedFrom(destination, event.version.version) }
    case "DestinationTestRequested":
      return { test: event.test }
    case "NoticeGiven":
      return { notice: event.kind }
    default:
      return {}
  }
}

const changesOf = (destination: Destination) =>
  historyOf(destination.tailnet).pipe(
    Stream.map(({ record }) =>
      record.events.filter(ofDestination(destination)).map((event): Timed =>
        timed(record.at, {
          event: event._tag,
          by: record.actor.loginName === "" ? record.actor.displayName : record.actor.loginName,
          details: { origin: record.origin, eventGroupID: record.eventGroupID, ...detailsOf(destination, event) }
        })
      )
    ),
    Stream.flattenIterable,
    Stream.runFold((): ReadonlyArray<Timed> => [], (newest, change) => [...newest, change].slice(-maxChanges))
  )

const moments = new Set(["retryAt", "nextProbeAt", "sealedAt", "since"])

const shown = ([name, value]: readonly [string, unknown]) =>
  [name, moments.has(name) && typeof value === "number" ? rfc3339(value) : value] as const

const deliveryOf = ({ event, lane, ...times }: RecentEvent): Timed => {
  const { _tag, at, destination: _, ...details } = event
  const all = { ...details, ...times }
  return timed(at, { event: _tag, lane, details: Object.fromEntries(Object.entries(all).map(shown)) })
}

/** Oldest first. At the same moment changes stand before what delivery made of them. */
export const destinationHistory = (destination: Destination, recent: ReadonlyArray<RecentEvent>) =>
  Effect.map(
    changesOf(destination),
    (changes): ReadonlyArray<HistoryEntry> =>
      [...changes, ...recent.map(deliveryOf)].toSorted((one, other) => one.at - other.at).map(({ entry }) => entry)
  )

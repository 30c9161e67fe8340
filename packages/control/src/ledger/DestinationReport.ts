/** Puts the legs of one destination together: Tailscale's status body, and ours. Reads only. */
import type { DestinationStatus, LegStatus, SendingState, StreamStatus } from "@tailrace/api"
import type { Condition, Destination, TailnetState } from "@tailrace/domain"
import { ControlLog } from "@tailrace/event-store"
import { type Lane, Log, type LogError } from "@tailrace/log"
import { Clock, Context, Effect, Layer } from "effect"
import { rfc3339, rfc3339OrNull, zeroTime } from "../Time.ts"
import { Backlog } from "./Backlog.ts"
import { startOf } from "./Cursor.ts"
import { LedgerProjection } from "./LedgerProjection.ts"
import { type LegFigures, noFigures } from "./LegFigures.ts"
import { type Rate, rateAt } from "./Rate.ts"

export class DestinationReport extends Context.Service<DestinationReport, {
  /** Tailscale's twelve figures, after everything the ledger holds at the call. */
  figures(destination: Destination): Effect.Effect<StreamStatus, LogError>
  /** The same with the state of each leg and what waits. */
  status(tailnet: TailnetState, destination: Destination): Effect.Effect<DestinationStatus, LogError>
}>()("@tailrace/control/DestinationReport") {
  static readonly layer = Layer.effect(DestinationReport, Effect.suspend(() => make)).pipe(
    Layer.provide(Backlog.layer)
  )
}

type Legs = ReadonlyMap<Lane, LegFigures>

const sum = (legs: Legs, of: (figures: LegFigures) => number): number =>
  [...legs.values()].reduce((total, figures) => total + of(figures), 0)

const most = (legs: Legs, of: (figures: LegFigures) => number): number =>
  [...legs.values()].reduce((top, figures) => Math.max(top, of(figures)), 0)

const newestError = (legs: Legs): string =>
  [...legs.values()].filter(({ lastError }) => lastError !== "")
    .toSorted((one, other) => (other.lastActivity ?? 0) - (one.lastActivity ?? 0))[0]?.lastError ?? ""

const figuresOf = (legs: Legs, now: number): StreamStatus => {
  const rate = (of: (rates: LegFigures["rates"]) => Rate) => sum(legs, ({ rates }) => rateAt(of(rates), now))
  const lastActivity = most(legs, (figures) => figures.lastActivity ?? 0)
  return {
    lastActivity: lastActivity === 0 ? zeroTime : rfc3339(lastActivity),
    lastError: newestError(legs),
    maxBodySize: most(legs, (figures) => figures.maxBodySize),
    maxNumEntries: most(legs, (figures) => figures.maxNumEntries),
    numBytesSent: sum(legs, (figures) => figures.bytes),
    numEntriesSent: sum(legs, (figures) => figures.entries),
    numFailedRequests: sum(legs, (figures) => figures.failedRequests),
    numSpoofedEntries: 0,
    numTotalRequests: sum(legs, (figures) => figures.requests),
    rateBytesSent: rate(({ bytes }) => bytes),
    rateEntriesSent: rate(({ entries }) => entries),
    rateFailedRequests: rate(({ failedRequests }) => failedRequests),
    rateTotalRequests: rate(({ requests }) => requests)
  }
}

const stateByCondition = {
  Streaming: "streaming",
  BackingOff: "backing off",
  Suspended: "suspended"
} as const satisfies Record<Condition["_tag"], SendingState>

const stateOf = (tailnet: TailnetState, destination: Destination, { leg }: LegFigures): SendingState => {
  if (leg.closed) return "closed"
  if (destination.paused) return "paused"
  const state = stateByCondition[leg.condition._tag]
  const waitsForFlowLogs = destination.logType === "network" && !tailnet.settings.networkFlowLoggingOn
  return state === "streaming" && waitsForFlowLogs ? "waiting for flow logs" : state
}

const nextAttempt = ({ condition }: LegFigures["leg"]): number | null => {
  if (condition._tag === "BackingOff") return condition.retryAt
  return condition._tag === "Suspended" ? condition.nextProbeAt : null
}

/** Attempts of the failure under way; of a suspended leg its probes. */
const attemptsOf = ({ condition }: LegFigures["leg"]): number => {
  if (condition._tag === "BackingOff") return condition.attempt
  return condition._tag === "Suspended" ? condition.probes : 0
}

const suspendedSince = ({ condition }: LegFigures["leg"]): number | null =>
  condition._tag === "Suspended" ? condition.since : null

const worstFirst: ReadonlyArray<SendingState> = [
  "paused",
  "suspended",
  "backing off",
  "waiting for flow logs",
  "streaming",
  "closed"
]

const worst = (states: ReadonlyArray<SendingState>): SendingState =>
  worstFirst.find((state) => states.includes(state)) ?? "streaming"

const least = (numbers: ReadonlyArray<number | null>): number | null => {
  const known = numbers.filter((number) => number !== null)
  return known.length === 0 ? null : Math.min(...known)
}

/** What fails, and since when: of several legs the worst. */
const failingOf = (figures: ReadonlyArray<LegFigures>) => {
  const legs = figures.map(({ leg }) => leg)
  return {
    attempts: legs.reduce((most, leg) => Math.max(most, attemptsOf(leg)), 0),
    suspendedSince: rfc3339OrNull(least(legs.map(suspendedSince))),
    nextProbe: rfc3339OrNull(least(legs.map(nextAttempt)))
  }
}

const capabilitiesOf = (legs: Legs) => {
  const found = [...legs.values()].map(({ lastTest, leg }) => leg.probed?.capabilities ?? lastTest?.capabilities)
  return found.find((capabilities) => capabilities !== undefined && capabilities !== null) ?? null
}

/** Every leg says once that it has the configuration; that alone is nothing to show. */
const hasStory = (figures: LegFigures | undefined): boolean =>
  figures !== undefined && (figures.lastActivity !== null || figures.expired > 0 || figures.leg.seal !== null)

const make = Effect.gen(function*() {
  const log = yield* Log
  const ledger = yield* LedgerProjection
  const control = yield* ControlLog
  const backlog = yield* Backlog

  const legStatus = Effect.fnUntraced(
    function*(tailnet: TailnetState, destination: Destination, [lane, figures]: readonly [Lane, LegFigures]) {
      const { leg } = figures
      const cursor = leg.cursor ?? startOf({ tailnet, destination, lane, legs: (id) => ledger.legs(id) })
      const { logType } = destination
      const waits = yield* backlog.measure({
        destination: destination.id,
        tailnet: tailnet.name,
        logType,
        lane,
        cursor
      })
      const now = yield* Clock.currentTimeMillis
      const status: LegStatus = {
        lane,
        state: stateOf(tailnet, destination, figures),
        cursor,
        lagRecords: waits.records,
        lagIsExact: waits.isExact,
        lagSeconds: waits.oldestMillis === null ? 0 : Math.max(0, (now - waits.oldestMillis) / 1000),
        secondsUntilLoss: waits.oldestMillis === null
          ? null
          : yield* backlog.secondsUntilLoss(logType, waits.oldestMillis),
        lastError: figures.lastError,
        ...failingOf([figures]),
        openObject: leg.seal?.key ?? null,
        lostRecords: figures.expired
      }
      return status
    }
  )
  return DestinationReport.of({
    figures: Effect.fn("DestinationReport.figures")(function*(destination) {
      yield* ledger.caughtUp
      return figuresOf(ledger.legs(destination.id), yield* Clock.currentTimeMillis)
    }),
    status: Effect.fn("DestinationReport.status")(function*(tailnet, destination) {
      yield* Effect.all([control.caughtUp, ledger.caughtUp], { concurrency: 2 })
      const legs = ledger.legs(destination.id)
      const all = yield* Effect.forEach(
        Array.from({ length: log.lanes }, (_, lane) => lane),
        (lane) => legStatus(tailnet, destination, [lane, legs.get(lane) ?? noFigures]),
        { concurrency: 4 }
      )
      const shown = all.filter(({ lagRecords, lane }) => lagRecords > 0 || hasStory(legs.get(lane)))
      const idle = stateOf(tailnet, destination, noFigures)
      return {
        ...figuresOf(legs, yield* Clock.currentTimeMillis),
        id: destination.id,
        logType: destination.logType,
        state: shown.length === 0 ? idle : worst(shown.map(({ state }) => state)),
        numObjects: sum(legs, ({ objects }) => objects),
        numQuarantinedEntries: sum(legs, ({ quarantined }) => quarantined),
        lagRecords: shown.reduce((total, { lagRecords }) => total + lagRecords, 0),
        lagIsExact: shown.every(({ lagIsExact }) => lagIsExact),
        lagSeconds: shown.reduce((top, { lagSeconds }) => Math.max(top, lagSeconds), 0),
        secondsUntilLoss: least(shown.map(({ secondsUntilLoss }) => secondsUntilLoss)),
        ...failingOf([...legs.values()]),
        capabilities: capabilitiesOf(legs),
        legs: shown
      }
    })
  })
})

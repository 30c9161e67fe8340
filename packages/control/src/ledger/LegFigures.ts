/**
 * One leg as its ledger makes it, with the figures of Tailscale's status body. A pure fold; what waits to be delivered
 * is measured in the log, not counted here.
 */
import { evolveLeg, initialLeg, type LegEvent, type LegState } from "@tailrace/domain"
import { addToRate, noRate, type Rate } from "./Rate.ts"

export interface LegFigures {
  readonly leg: LegState
  /** Epoch milliseconds; null: nothing was tried yet. */
  readonly lastActivity: number | null
  readonly lastError: string
  readonly objects: number
  readonly entries: number
  readonly bytes: number
  readonly quarantined: number
  /** Records that retention took. Offsets are counted, so this is an upper bound. */
  readonly expired: number
  readonly maxBodySize: number
  readonly maxNumEntries: number
  readonly requests: number
  readonly failedRequests: number
  /** Failures since the last delivery, which counts them once more: among a seal's attempts, a receiver's requests. */
  readonly pendingFailures: number
  readonly rates: {
    readonly bytes: Rate
    readonly entries: Rate
    readonly requests: Rate
    readonly failedRequests: Rate
  }
  readonly lastTest: Extract<LegEvent, { readonly _tag: "Tested" }> | null
}

export const noFigures: LegFigures = {
  leg: initialLeg,
  lastActivity: null,
  lastError: "",
  objects: 0,
  entries: 0,
  bytes: 0,
  quarantined: 0,
  expired: 0,
  maxBodySize: 0,
  maxNumEntries: 0,
  requests: 0,
  failedRequests: 0,
  pendingFailures: 0,
  rates: { bytes: noRate, entries: noRate, requests: noRate, failedRequests: noRate },
  lastTest: null
}

type Delivered = Extract<LegEvent, { readonly _tag: "BatchDelivered" }>

const delivered = (figures: LegFigures, event: Delivered): LegFigures => {
  const { rates } = figures
  const unseen = Math.max(1, event.attempts - figures.pendingFailures)
  return {
    ...figures,
    lastActivity: event.at,
    lastError: "",
    objects: figures.objects + 1,
    entries: figures.entries + event.count,
    bytes: figures.bytes + event.bytes,
    quarantined: figures.quarantined + event.quarantined,
    maxBodySize: Math.max(figures.maxBodySize, event.bytes),
    maxNumEntries: Math.max(figures.maxNumEntries, event.count),
    requests: figures.requests + unseen,
    pendingFailures: 0,
    rates: {
      ...rates,
      bytes: addToRate(rates.bytes, event.bytes, event.at),
      entries: addToRate(rates.entries, event.count, event.at),
      requests: addToRate(rates.requests, unseen, event.at)
    }
  }
}

type Sent = Extract<LegEvent, { readonly _tag: "RecordsDelivered" }>

/** The records of one request are not counted: the mean of those that were taken is a lower bound of the largest. */
const entriesOfOne = ({ count, failed, requests }: Sent): number => Math.ceil(count / Math.max(1, requests - failed))

/** What other requests took while the leg waits after a failure does not end that failure. */
const sent = (figures: LegFigures, event: Sent): LegFigures => {
  const { rates } = figures
  const seen = Math.min(event.failed, figures.pendingFailures)
  const [requests, failed] = [event.requests - seen, event.failed - seen]
  const isOver = evolveLeg(figures.leg, event).condition._tag === "Streaming"
  return {
    ...figures,
    lastActivity: event.at,
    lastError: isOver ? "" : figures.lastError,
    entries: figures.entries + event.count,
    bytes: figures.bytes + event.bytes,
    quarantined: figures.quarantined + event.quarantined,
    maxBodySize: Math.max(figures.maxBodySize, event.largest),
    maxNumEntries: Math.max(figures.maxNumEntries, entriesOfOne(event)),
    requests: figures.requests + requests,
    failedRequests: figures.failedRequests + failed,
    pendingFailures: 0,
    rates: {
      bytes: addToRate(rates.bytes, event.bytes, event.at),
      entries: addToRate(rates.entries, event.count, event.at),
      requests: addToRate(rates.requests, requests, event.at),
      failedRequests: addToRate(rates.failedRequests, failed, event.at)
    }
  }
}

const failed = (figures: LegFigures, message: string, at: number): LegFigures => ({
  ...figures,
  lastActivity: at,
  lastError: message,
  requests: figures.requests + 1,
  failedRequests: figures.failedRequests + 1,
  pendingFailures: figures.pendingFailures + 1,
  rates: {
    ...figures.rates,
    requests: addToRate(figures.rates.requests, 1, at),
    failedRequests: addToRate(figures.rates.failedRequests, 1, at)
  }
})

const count = (figures: LegFigures, event: LegEvent): LegFigures => {
  switch (event._tag) {
    case "BatchDelivered":
      return delivered(figures, event)
    case "RecordsDelivered":
      return sent(figures, event)
    case "AttemptFailed":
    case "Suspended":
      return failed(figures, event.message, event.at)
    case "BatchQuarantined":
      return { ...figures, lastActivity: event.at, quarantined: figures.quarantined + event.quarantined }
    case "SealAbandoned":
      return { ...figures, pendingFailures: 0 }
    case "Resumed":
      return { ...figures, lastError: "" }
    case "RecordsExpired":
      return { ...figures, expired: figures.expired + event.to - event.from }
    case "Tested":
      return { ...figures, lastTest: event }
    case "Probed":
    case "BatchSealed":
    case "ConfigAdopted":
    case "LegClosed":
      return figures
  }
}

/** Never fails: what the ledger holds has happened. */
export const evolveFigures = (figures: LegFigures, event: LegEvent): LegFigures => ({
  ...count(figures, event),
  leg: evolveLeg(figures.leg, event)
})

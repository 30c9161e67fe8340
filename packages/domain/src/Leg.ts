/**
 * One destination on one lane, as its ledger events made it: the durable half of a leg. What it holds in memory
 * (windows, frames) can always be made anew from the log and this.
 */
import { Schema } from "effect"
import { Capabilities } from "./Answer.ts"
import { type LedgerEvent, Seal, Target } from "./Ledger.ts"

/** Why a leg is not sending at the moment. Times are epoch milliseconds. */
export const Condition = Schema.TaggedUnion({
  Streaming: {},
  BackingOff: { attempt: Schema.Int, retryAt: Schema.Int, message: Schema.String, status: Schema.NullOr(Schema.Int) },
  Suspended: {
    since: Schema.Int,
    probes: Schema.Int,
    nextProbeAt: Schema.Int,
    message: Schema.String,
    status: Schema.NullOr(Schema.Int)
  }
})
export type Condition = typeof Condition.Type

export const LegState = Schema.Struct({
  /** Everything before it is done. Null: nothing was decided yet; `Start` and `positions` say where to begin. */
  cursor: Schema.NullOr(Schema.Int),
  /** The open seal, at most one. */
  seal: Schema.NullOr(Seal),
  lastKey: Schema.NullOr(Schema.String),
  condition: Condition,
  /** What the probe found, and of which target. */
  probed: Schema.NullOr(Schema.Struct({ target: Target, capabilities: Capabilities })),
  /** Newest configuration version that the leg said it works with. */
  adopted: Schema.Int,
  lastTest: Schema.NullOr(Schema.String),
  /** The destination is deleted and the leg has finished. */
  closed: Schema.Boolean
})
export type LegState = typeof LegState.Type

export const initialLeg: LegState = {
  cursor: null,
  seal: null,
  lastKey: null,
  condition: { _tag: "Streaming" },
  probed: null,
  adopted: 0,
  lastTest: null,
  closed: false
}

const streaming: Condition = { _tag: "Streaming" }

/** Events that belong to a leg (all with a `destination`). */
export type LegEvent = Extract<LedgerEvent, { readonly destination: unknown }>

export const isLegEvent = (event: LedgerEvent): event is LegEvent => "destination" in event

/** Never fails: the ledger has one writer, which decided on this very state. */
export const evolveLeg = (leg: LegState, event: LegEvent): LegState => {
  switch (event._tag) {
    case "Probed":
      return { ...leg, probed: { target: event.target, capabilities: event.capabilities } }
    case "BatchSealed":
      return { ...leg, seal: event.seal, lastKey: event.seal.key }
    case "BatchDelivered":
      return { ...leg, seal: null, cursor: event.to, condition: streaming }
    case "RecordsDelivered":
      return { ...leg, cursor: event.to, condition: event.waits === true ? leg.condition : streaming }
    case "BatchQuarantined":
      return { ...leg, cursor: event.to }
    case "SealAbandoned":
      return { ...leg, seal: null, cursor: event.from, condition: streaming }
    case "AttemptFailed": {
      const { attempt, message, retryAt, status } = event
      return { ...leg, condition: { _tag: "BackingOff", attempt, message, retryAt, status } }
    }
    case "Suspended": {
      const { message, nextProbeAt, probes, status } = event
      const since = leg.condition._tag === "Suspended" ? leg.condition.since : event.at
      return { ...leg, condition: { _tag: "Suspended", since, probes, nextProbeAt, message, status } }
    }
    case "Resumed":
      return { ...leg, condition: streaming }
    case "RecordsExpired":
      return { ...leg, cursor: event.to }
    case "ConfigAdopted":
      return { ...leg, adopted: event.configVersion }
    case "LegClosed":
      return { ...leg, cursor: event.cursor, seal: null, condition: streaming, closed: true }
    case "Tested":
      return { ...leg, lastTest: event.test }
  }
}

/**
 * A snapshot of a lane's whole ledger fold, written to `positions` about once a minute, so that a takeover reads only
 * what is pending. It lists every leg that ever did something; those that are not exactly at `done` with their cursor.
 */
import { Schema } from "effect"
import { DestinationId } from "./Destination.ts"
import { LegState } from "./Leg.ts"

const OffsetByTopic = Schema.Struct({ audit: Schema.Int, flow: Schema.Int })

/** One lane as its ledger made it, at ledger offset `ledger`. */
export const Positions = Schema.Struct({
  /** Ledger events from here on are not in the snapshot. */
  ledger: Schema.Int,
  /** A leg that is not listed, or listed with a null cursor, has nothing pending before these. */
  done: OffsetByTopic,
  /** Records without a usable key or structure are in quarantine up to here. */
  strays: OffsetByTopic,
  /** Names the last batch that was read of each topic, for the log to recognize; empty: nothing, or no need to. */
  marks: Schema.Struct({ audit: Schema.String, flow: Schema.String }),
  /** Audit records of the lane's control records up to here are written. */
  audited: Schema.Int,
  /** How far each lane of `control` was folded: destinations created at or after it are unknown here. */
  control: Schema.Array(Schema.Int),
  legs: Schema.Array(Schema.Struct({ destination: DestinationId, leg: LegState }))
})
export type Positions = typeof Positions.Type

/** Before anything happened on a lane of a log with `lanes` lanes. */
export const initialPositions = (lanes: number): Positions => ({
  ledger: 0,
  done: { audit: 0, flow: 0 },
  strays: { audit: 0, flow: 0 },
  marks: { audit: "", flow: "" },
  audited: 0,
  control: Array.from({ length: lanes }, () => 0),
  legs: []
})

/** What delivery did on a lane: the events of the topic `ledger`, in the order in which they were committed. */
import { Schema } from "effect"
import { Capabilities } from "./Answer.ts"
import { Codec, DestinationId } from "./Destination.ts"

/** Where objects go: what must be equal for a `PUT` of the same key to mean the same object. */
export const Target = Schema.String
export type Target = typeof Target.Type

/** The durable decision "this object is the records [from, to) under this key": log and seal give its content. */
export const Seal = Schema.Struct({
  id: Schema.String,
  from: Schema.Int,
  to: Schema.Int,
  /** Records in the object. */
  count: Schema.Int,
  /** SHA-256 of the uncompressed content, hex. */
  contentSha256: Schema.String,
  /** Uncompressed size in bytes. */
  contentBytes: Schema.Int,
  /** Offsets of the tailnet's own records in [from, to) that the validator refused: quarantined with the delivery. */
  skipped: Schema.Array(Schema.Int),
  key: Schema.String,
  target: Target,
  codec: Codec,
  configVersion: Schema.Int,
  /** Configuration version whose rules made the content of the records. Absent: there were none. */
  rulesVersion: Schema.optionalKey(Schema.Int)
})
export type Seal = typeof Seal.Type

const of = { destination: DestinationId }

/** Times are epoch milliseconds. */
export const LedgerEvent = Schema.TaggedUnion({
  /** First commit under a claim: what was folded before it counts only from here on. */
  LaneClaimed: { process: Schema.String, at: Schema.Int },
  /** The destination's store was probed; counts for this target only. */
  Probed: { ...of, target: Target, capabilities: Capabilities, at: Schema.Int },
  BatchSealed: { ...of, seal: Seal, at: Schema.Int },
  /** The cursor is now `to`. `bytes`: size of the body. `attempts`: requests made for this seal, `HEAD` included. */
  BatchDelivered: {
    ...of,
    seal: Schema.String,
    from: Schema.Int,
    to: Schema.Int,
    count: Schema.Int,
    key: Schema.String,
    bytes: Schema.Int,
    contentBytes: Schema.Int,
    quarantined: Schema.Int,
    attempts: Schema.Int,
    configVersion: Schema.Int,
    at: Schema.Int
  },
  /** A receiver has acknowledged the records in [from, to); the cursor is now `to`. */
  RecordsDelivered: {
    ...of,
    from: Schema.Int,
    to: Schema.Int,
    /** Records that the receiver took. */
    count: Schema.Int,
    quarantined: Schema.Int,
    /** Requests that were answered since the last event of the leg, and those of them that failed. */
    requests: Schema.Int,
    failed: Schema.Int,
    /** Sizes of all bodies, as sent and before compression; `largest`: of the largest one, as sent. */
    bytes: Schema.Int,
    contentBytes: Schema.Int,
    largest: Schema.Int,
    configVersion: Schema.Int,
    /** Another request failed in passing, and the leg waits before it begins a new one. Absent: it does not. */
    waits: Schema.optionalKey(Schema.Boolean),
    at: Schema.Int
  },
  /** Only refused records lay in [from, to): no object, the cursor is now `to`. */
  BatchQuarantined: { ...of, from: Schema.Int, to: Schema.Int, quarantined: Schema.Int, at: Schema.Int },
  /** The seal is given up; the next window starts at its `from`. */
  SealAbandoned: { ...of, seal: Schema.String, from: Schema.Int, maybeStored: Schema.Boolean, at: Schema.Int },
  AttemptFailed: {
    ...of,
    status: Schema.NullOr(Schema.Int),
    message: Schema.String,
    /** Failed attempts in a row, this one included. */
    attempt: Schema.Int,
    retryAt: Schema.Int,
    at: Schema.Int
  },
  Suspended: {
    ...of,
    status: Schema.NullOr(Schema.Int),
    message: Schema.String,
    /** Failed probes in a row. */
    probes: Schema.Int,
    nextProbeAt: Schema.Int,
    at: Schema.Int
  },
  Resumed: { ...of, at: Schema.Int },
  /** Retention has overtaken the cursor: these records are lost to this destination. */
  RecordsExpired: { ...of, from: Schema.Int, to: Schema.Int, at: Schema.Int },
  /** The leg works with this configuration version, and no open seal needs an older one. */
  ConfigAdopted: { ...of, configVersion: Schema.Int, at: Schema.Int },
  /** The destination is deleted and its leg has finished; a replacement continues at `cursor`. */
  LegClosed: { ...of, cursor: Schema.Int, at: Schema.Int },
  /** Answer to `DestinationTestRequested`. */
  Tested: {
    ...of,
    test: Schema.String,
    ok: Schema.Boolean,
    message: Schema.String,
    capabilities: Schema.NullOr(Capabilities),
    at: Schema.Int
  },
  /** Records without a usable key or structure, quarantined by the lane: done up to `to` of this topic. */
  StraysQuarantined: { topic: Schema.String, to: Schema.Int, count: Schema.Int, at: Schema.Int },
  /** Audit records of the lane's control records before `to` stand in `audit`, by this very commit. */
  AuditProjected: { to: Schema.Int, at: Schema.Int }
})
export type LedgerEvent = typeof LedgerEvent.Type

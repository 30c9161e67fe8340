/** Writes a snapshot of the lane now and then, if anything moved: taken in one synchronous step, so that it is true. */
import type { DestinationId, LegState, Positions } from "@tailrace/domain"
import type { ControlLog } from "@tailrace/event-store"
import type { Lane } from "@tailrace/log"
import { Effect } from "effect"
import type { Leg } from "../leg/Leg.ts"
import type { Limits } from "../Limits.ts"
import type { LaneTopic } from "../read/LaneTopic.ts"
import type { LaneLedger } from "./LaneLedger.ts"
import type { LaneLegs } from "./LaneLegs.ts"
import { snapshotEntries } from "./snapshot.ts"

export interface SnapshotOptions {
  readonly lane: Lane
  readonly lanes: number
  readonly ledger: LaneLedger
  readonly legs: LaneLegs
  readonly topics: { readonly audit: LaneTopic; readonly flow: LaneTopic }
  readonly control: ControlLog["Service"]
  readonly limits: Limits
}

/** How a live leg stands in a snapshot: left out if it never did anything and has nothing pending. */
const legEntry = (leg: Leg, state: LegState | undefined): LegState | null => {
  const isDone = leg.doneUpTo === leg.topic.done
  if (isDone && state === undefined) return null
  return { ...(state ?? leg.state), cursor: isDone ? null : leg.doneUpTo }
}

const legEntries = ({ ledger, legs }: SnapshotOptions): Positions["legs"] => {
  const entries: Array<{ readonly destination: DestinationId; readonly leg: LegState }> = []
  for (const leg of legs.legs.values()) {
    const entry = legEntry(leg, ledger.state.legs.get(leg.id))
    if (entry !== null) entries.push({ destination: leg.id, leg: entry })
  }
  for (const [destination, leg] of ledger.state.legs) {
    if (!legs.legs.has(destination)) entries.push({ destination, leg })
  }
  return entries
}

/** Null while the readers are between two steps: then "done" would not be one place. */
export const takeSnapshot = (options: SnapshotOptions): Positions | null => {
  const { control, lanes, ledger, topics } = options
  if (topics.audit.done !== topics.audit.next || topics.flow.done !== topics.flow.next) return null
  options.legs.syncAll()
  return {
    ledger: ledger.state.next,
    done: { audit: topics.audit.done, flow: topics.flow.done },
    strays: { ...ledger.state.strays },
    marks: { audit: topics.audit.mark, flow: topics.flow.mark },
    audited: ledger.state.audited,
    control: Array.from({ length: lanes }, (_, lane) => control.folded(lane)),
    legs: legEntries(options)
  }
}

/** Between two tries to find the readers at rest. */
const retryMillis = 50

const atRest = (options: SnapshotOptions): Effect.Effect<Positions> =>
  Effect.suspend(() => {
    const snapshot = takeSnapshot(options)
    return snapshot === null
      ? Effect.andThen(Effect.sleep(retryMillis), atRest(options))
      : Effect.succeed(snapshot)
  })

export interface Snapshots {
  /** Writes one now, if anything moved. */
  readonly write: Effect.Effect<void>
  /** Writes one now and then. */
  readonly run: Effect.Effect<never>
}

export const makeSnapshots = (options: SnapshotOptions): Snapshots => {
  let last = ""
  const write = Effect.gen(function*() {
    const snapshot = yield* atRest(options)
    const text = JSON.stringify({ ...snapshot, ledger: 0 })
    if (text === last) return
    const name = `${snapshot.ledger}/${snapshot.done.audit}/${snapshot.done.flow}`
    yield* options.ledger.commit([], snapshotEntries(snapshot, options.lane, name))
    last = text
  })
  return { write, run: Effect.forever(Effect.andThen(Effect.sleep(options.limits.positionsMillis), write)) }
}

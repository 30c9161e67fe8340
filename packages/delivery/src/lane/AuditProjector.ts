/**
 * Writes the audit records that follow from the control records of this lane, each in the same commit as the position
 * behind it: so every change stands in the streamed configuration log exactly once.
 */
import { makeAuditFold } from "@tailrace/event-store"
import {
  type Chunk,
  type Lane,
  type LaneEntry,
  Log,
  type LogError,
  type LogRecord,
  LogUnavailable,
  recordsOf
} from "@tailrace/log"
import { Clock, Effect, Stream } from "effect"
import type { LaneLedger } from "./LaneLedger.ts"

const unreadable = (error: { readonly message: string }) => new LogUnavailable({ reason: error.message })

export const auditProjector = Effect.fnUntraced(function*(
  lane: Lane,
  ledger: LaneLedger
): Effect.fn.Return<void, LogError, Log> {
  const log = yield* Log
  const fold = makeAuditFold(lane)

  /** The audit records of one control record; none if they are written already. */
  const entriesOf = Effect.fnUntraced(function*(record: LogRecord) {
    const audits = yield* Effect.fromResult(fold.apply(record)).pipe(Effect.mapError(unreadable))
    return record.offset < ledger.state.audited
      ? []
      : audits.map((audit): LaneEntry => ({ topic: "audit", ...audit }))
  })

  const project = Effect.fnUntraced(function*(chunk: Chunk) {
    const entries = (yield* Effect.forEach(recordsOf(chunk), entriesOf)).flat()
    if (entries.length === 0) return
    const at = yield* Clock.currentTimeMillis
    yield* ledger.commit([{ _tag: "AuditProjected", to: chunk.next, at }], entries)
  })

  yield* log.follow("control", lane, 0).pipe(Stream.runForEach(project))
})

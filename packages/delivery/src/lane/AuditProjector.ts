/**
 * Writes the audit records that follow from the control records of this lane, each in the same commit as the position
 * behind it: so every change stands in the streamed configuration log exactly once.
 */
import { makeAuditFold } from "@tailrace/event-store"
import { type Chunk, type Lane, type LaneEntry, Log, type LogError, LogUnavailable, recordsOf } from "@tailrace/log"
import { Clock, Effect, Stream } from "effect"
import type { LaneLedger } from "./LaneLedger.ts"

const unreadable = (error: { readonly message: string }) => new LogUnavailable({ reason: error.message })

export const auditProjector = (lane: Lane, ledger: LaneLedger): Effect.Effect<void, LogError, Log> =>
  Effect.gen(function*() {
    const log = yield* Log
    const fold = makeAuditFold(lane)

    const project = Effect.fnUntraced(function*(chunk: Chunk) {
      const position = ledger.state.audited
      const entries: Array<LaneEntry> = []
      for (const record of recordsOf(chunk)) {
        const audits = yield* Effect.fromResult(fold.apply(record)).pipe(Effect.mapError(unreadable))
        if (record.offset >= position) { for (const audit of audits) entries.push({ topic: "audit", ...audit }) }
      }
      if (entries.length === 0) return
      const at = yield* Clock.currentTimeMillis
      yield* ledger.commit([{ _tag: "AuditProjected", to: chunk.next, at }], entries)
    })

    yield* log.follow("control", lane, 0).pipe(Stream.runForEach(project))
  })

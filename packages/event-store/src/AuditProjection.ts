/**
 * From the control records of a lane to the audit records that they cause. Pure and synchronous: whoever owns the lane
 * drives it from offset 0 and appends what comes out in the same commit as its position; it keeps no position itself.
 */
import { Audit, Tailnet, type TailnetName } from "@tailrace/domain"
import type { Lane, LogRecord } from "@tailrace/log"
import { Result } from "effect"
import { decodeControlRecord, type UnknownControlRecord } from "./ControlCodec.ts"

/** One audit record for the topic `audit`: its key is the tailnet's name, its value one JSON object. */
export interface AuditEntry {
  readonly key: string
  readonly value: Uint8Array
}

export interface AuditFold {
  /**
   * The audit records of this control record; none if the fold of the control log does not take it. Call it with
   * every record of the lane in order, those before one's own position included. Fails on a record that this release
   * cannot read: stop the lane, never skip it.
   */
  apply(record: LogRecord): Result.Result<ReadonlyArray<AuditEntry>, UnknownControlRecord>
}

const encoder = new TextEncoder()

/**
 * @example
 * ```ts
 * const audit = makeAuditFold(lane)
 * for (const record of recordsOf(chunk)) {
 *   const entries = Result.getOrThrow(audit.apply(record))
 *   if (record.offset >= position) toAppend.push(...entries)
 * }
 * ```
 */
export const makeAuditFold = (lane: Lane): AuditFold => {
  const folds = new Map<TailnetName, Tailnet.TailnetFold>()
  let last: Audit.NanoTime | undefined
  return {
    apply: (logRecord) =>
      Result.map(decodeControlRecord(lane, logRecord), (record) => {
        const taken = { record, lane, offset: logRecord.offset }
        const before = folds.get(record.tailnet)
        const after = Tailnet.take(before, taken)
        if (after === undefined) return []
        folds.set(record.tailnet, after)
        const { lines, logged } = Audit.auditLines(before?.state, taken, { appendedAt: logRecord.time, last })
        last = logged
        return lines.map((line) => ({ key: record.tailnet, value: encoder.encode(line) }))
      })
  }
}

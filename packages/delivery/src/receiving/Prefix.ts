/** How far everything is done: the longest row of records from the front that are taken or refused. */
import type { Offset } from "@tailrace/log"
import type { RefusedRecord } from "../gather/Window.ts"
import { type Batch, open, taken } from "./Batch.ts"

export interface Done {
  /** Offset of its first record. */
  readonly from: Offset
  /** Exclusive. */
  readonly to: Offset
  /** Records that were taken. */
  readonly count: number
  readonly refused: ReadonlyArray<RefusedRecord>
}

/** Refused records that may be in one commit; one more always may. */
export interface RefusedMost {
  readonly refusedRecords: number
  readonly refusedBytes: number
}

/** Whether there is a row to take. */
export const hasDone = (batches: ReadonlyArray<Batch>): boolean => {
  const first = batches.find(({ count, front }) => front < count)
  return first !== undefined && !first.isOpen(first.front)
}

/** Takes the row from the front, as far as its refused records may go into one commit. */
export const takeDone = (batches: ReadonlyArray<Batch>, most: RefusedMost): Done | null => {
  const refused: Array<RefusedRecord> = []
  let refusedBytes = 0
  let from: Offset | null = null
  let to: Offset = 0
  let count = 0
  for (const batch of batches) {
    const { offsets, verdicts } = batch
    while (batch.front < batch.count && verdicts[batch.front] !== open) {
      if (refused.length >= most.refusedRecords || refusedBytes >= most.refusedBytes) break
      const index = batch.front++
      const offset = offsets[index] ?? 0
      from ??= offset
      to = offset + 1
      if (verdicts[index] === taken) count++
      else {
        refused.push({ offset, value: batch.valueOf(index), reason: batch.reasons.get(index) ?? "refused" })
        refusedBytes += batch.lengthOf(index)
      }
    }
    if (batch.front < batch.count) break
  }
  return from === null ? null : { from, to, count, refused }
}

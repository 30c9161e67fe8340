/** How far everything is done: the longest row of records from the front that are taken or refused. */
import type { Offset } from "@tailrace/log"
import type { RefusedRecord } from "../gather/Window.ts"
import { type Batch, open, taken } from "./Batch.ts"

/** A row of records that are done, on its way into the ledger. */
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

/** A row that grows. */
class Row {
  from: Offset | null
  to: Offset
  count: number
  readonly refused: Array<RefusedRecord>
  private refusedBytes: number

  constructor(before: Done | null) {
    this.from = before?.from ?? null
    this.to = before?.to ?? 0
    this.count = before?.count ?? 0
    this.refused = [...before?.refused ?? []]
    this.refusedBytes = this.refused.reduce((sum, { value }) => sum + value.length, 0)
  }

  hasRoom({ refusedBytes, refusedRecords }: RefusedMost): boolean {
    return this.refused.length < refusedRecords && this.refusedBytes < refusedBytes
  }

  add(batch: Batch, index: number): void {
    const offset = batch.offsets[index] ?? 0
    this.from ??= offset
    this.to = offset + 1
    if (batch.verdicts[index] === taken) this.count++
    else {
      this.refused.push({ offset, value: batch.valueOf(index), reason: batch.reasons.get(index) ?? "refused" })
      this.refusedBytes += batch.lengthOf(index)
    }
  }

  get done(): Done | null {
    const { count, from, refused, to } = this
    return from === null ? null : { from, to, count, refused }
  }
}

/** Takes the row from the front, behind what was taken before, as far as its refused records may go into one commit. */
export const takeDone = (batches: ReadonlyArray<Batch>, before: Done | null, most: RefusedMost): Done | null => {
  const row = new Row(before)
  for (const batch of batches) {
    while (batch.front < batch.count && batch.verdicts[batch.front] !== open && row.hasRoom(most)) {
      row.add(batch, batch.front++)
    }
    if (batch.front < batch.count) break
  }
  return row.done
}

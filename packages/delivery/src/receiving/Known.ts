/**
 * What became of records behind a hole, when they are forgotten and will be read again: those that were taken are not
 * sent a second time. Kept in memory only, so not over a crash.
 */
import type { Offset } from "@tailrace/log"
import { type Batch, open, taken } from "./Batch.ts"

/** Taken records that followed one another; `to` is exclusive. */
interface Range {
  readonly from: Offset
  readonly to: Offset
}

export class Known {
  private ranges: Array<Range> = []
  private readonly refused = new Map<Offset, string>()

  /** Before the batches are given up. */
  remember(batches: ReadonlyArray<Batch>): void {
    for (const batch of batches) this.rememberOne(batch)
    this.ranges.sort((a, b) => a.from - b.from)
  }

  /** A batch is complete: says of its records what is known. */
  apply(batch: Batch): void {
    const { count, offsets } = batch
    if (this.ranges.length === 0 && this.refused.size === 0) return
    let next = 0
    for (let index = batch.front; index < count; index++) {
      const offset = offsets[index] ?? 0
      while (next < this.ranges.length && (this.ranges[next]?.to ?? 0) <= offset) next++
      const reason = this.refused.get(offset)
      if ((this.ranges[next]?.from ?? Infinity) <= offset) batch.take(index)
      else if (reason !== undefined && batch.isOpen(index)) batch.refuse(index, reason)
    }
    this.forgetBefore(offsets[count - 1] ?? 0)
  }

  /** Under other rules they are other records. */
  clear(): void {
    this.ranges = []
    this.refused.clear()
  }

  private rememberOne({ count, front, offsets, reasons, verdicts }: Batch): void {
    let from: Offset | null = null
    for (let index = front; index < count; index++) {
      const offset = offsets[index] ?? 0
      if (verdicts[index] === taken) from ??= offset
      if (from !== null && (verdicts[index + 1] !== taken || index + 1 === count)) {
        this.ranges.push({ from, to: offset + 1 })
        from = null
      }
      if (verdicts[index] !== open && verdicts[index] !== taken) {
        this.refused.set(offset, reasons.get(index) ?? "refused")
      }
    }
  }

  /** Nothing up to here is read again. */
  private forgetBefore(last: Offset): void {
    this.ranges = this.ranges.filter(({ to }) => to > last + 1)
    for (const offset of this.refused.keys()) if (offset <= last) this.refused.delete(offset)
  }
}

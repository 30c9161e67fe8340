/**
 * Which batches of one Fetch answer belong to transactions that were given up. Holds for that answer only: the broker
 * lists them anew in each. Follows the Java client's `CompletedFetch.nextFetchedRecord`.
 */
import type { Offset } from "@tailrace/log"
import type { BatchHeader } from "./BatchHeader.ts"

/** As the Fetch answer lists it. */
export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: Offset
}

/** Type in the key of a control record: the transaction was given up. */
const abortType = 0

export class AbortedTransactions {
  private readonly waiting: ReadonlyArray<AbortedTransaction>
  private readonly open = new Set<number>()
  private reached = 0

  constructor(list: ReadonlyArray<AbortedTransaction>) {
    this.waiting = list.length < 2 ? list : [...list].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Asked once for each batch, in their order. */
  covers({ isTransactional, lastOffset, producerId }: BatchHeader): boolean {
    for (let next = this.waiting[this.reached]; next !== undefined; next = this.waiting[this.reached]) {
      if (next.firstOffset > lastOffset) break
      this.open.add(next.producerId)
      this.reached++
    }
    return isTransactional && this.open.has(producerId)
  }

  /** A control batch ends the transaction of its producer; `type` is of its key. */
  close(producerId: number, type: number): void {
    if (type === abortType) this.open.delete(producerId)
  }
}

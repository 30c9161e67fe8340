/** Bytes of answers still in memory: a slice of an answer keeps all of it, so it counts until the last goes. */
import type { Offset } from "@tailrace/log"
import type { AbortedTransaction } from "../batch/RecordSetReader.ts"
import { giveBackMemory } from "../wire/LargeMemory.ts"

/** One lane's part of an answer, not read yet. */
export interface WaitingSet {
  readonly from: Offset
  /** Where the next set begins; undefined where only reading it can tell. */
  readonly end: Offset | undefined
  readonly bytes: Buffer
  readonly aborted: ReadonlyArray<AbortedTransaction>
  readonly answer: HeldAnswer
}

/** Counts the bytes that one fetcher holds, and tells it when they become fewer. */
export class Held {
  bytes = 0
  private readonly onFreed: () => void

  constructor(onFreed: () => void) {
    this.onFreed = onFreed
  }

  free(bytes: number): void {
    this.bytes -= bytes
    this.onFreed()
  }
}

/** Whoever looks at an answer has taken it before, and gives it back when it looks at it no more. */
export class HeldAnswer {
  /** Epoch milliseconds. */
  readonly arrivedAt: number
  private takers = 1
  private readonly held: Held
  private readonly records: ReadonlyArray<Buffer>
  private readonly bytes: number

  /** Who makes it has taken it. */
  constructor(held: Held, records: ReadonlyArray<Buffer>, arrivedAt: number) {
    this.held = held
    this.records = records
    this.arrivedAt = arrivedAt
    this.bytes = records.reduce((sum, { length }) => sum + length, 0)
    held.bytes += this.bytes
  }

  take(): this {
    this.takers += 1
    return this
  }

  giveBack(): void {
    this.takers -= 1
    if (this.takers > 0) return
    const [first] = this.records
    if (first !== undefined) giveBackMemory(first)
    this.held.free(this.bytes)
  }
}

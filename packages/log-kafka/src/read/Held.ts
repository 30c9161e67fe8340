/** Bytes of answers that are still in memory: a slice of an answer keeps all of it, so it counts until the last goes. */
import type { Offset } from "@tailrace/log"
import type { AbortedTransaction } from "../batch/RecordSetReader.ts"

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

/** Each set that waits has taken the answer once, and gives it back once. */
export class HeldAnswer {
  /** Epoch milliseconds. */
  readonly arrivedAt: number
  private takers = 0
  private readonly held: Held
  private readonly bytes: number

  constructor(held: Held, bytes: number, arrivedAt: number) {
    this.held = held
    this.bytes = bytes
    this.arrivedAt = arrivedAt
  }

  take(): this {
    if (this.takers === 0) this.held.bytes += this.bytes
    this.takers += 1
    return this
  }

  giveBack(): void {
    this.takers -= 1
    if (this.takers === 0) this.held.free(this.bytes)
  }
}

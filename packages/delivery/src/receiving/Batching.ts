/**
 * Where the records of a leg to a receiver come in: its place in the lane, and the batches that they fill. Plain state,
 * changed only within the synchronous pass of a reader or by the leg's fibers between two waits. It decides nothing.
 */
import type { Offset } from "@tailrace/log"
import type { Run } from "../gather/copy.ts"
import type { Intake, Mode } from "../gather/Intake.ts"
import type { Checked } from "../read/Checked.ts"
import type { VersionRules } from "../ruling/RuleBook.ts"
import { filteredBefore, firstKept, ruled } from "../ruling/ruled.ts"
import { Batch } from "./Batch.ts"
import { Known } from "./Known.ts"
import { Parcel } from "./Parcel.ts"
import { leastBytes, type Requests } from "./Requests.ts"
import { take } from "./take.ts"

export interface BatchingOptions {
  readonly requests: Requests
  /** Rules of the records that come. */
  readonly rules: () => VersionRules | null
  /** Records were filtered. */
  readonly filtered: (count: number) => void
  /** The leg fails: it gathers little, since most of it may never be sent from here. */
  readonly isFailing: () => boolean
  /** Something changed that the leg's fiber should look at. */
  readonly wake: () => void
  /** There is room again for what could not be taken. */
  readonly hungry: () => void
}

/** How large a batch becomes: what fills one request, as far as is known. */
export interface Target {
  readonly bytes: number
  readonly records: number
}

const firstBytes = 8 * 1024

export class Batching implements Intake {
  mode: Mode = "off"
  at: Offset = 0
  expiredTo: Offset | null = null
  readonly isRereading = false
  /** In log order; the last one may be open. */
  readonly batches: Array<Batch> = []
  /** To be sent before anything new, in log order: what was refused passingly, halves, what did not fit. */
  readonly again: Array<Parcel> = []
  target: Target
  readonly known = new Known()
  private isStuffed = false
  private lastBytes = firstBytes
  private lastRecords = 0
  private readonly options: BatchingOptions

  constructor(options: BatchingOptions, target: Target) {
    this.options = options
    this.target = target
  }

  get isHungry(): boolean {
    return this.mode === "catching" && this.expiredTo === null && !this.isStuffed
  }

  get heldBytes(): number {
    return this.batches.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  /** The first record that is held and not done. */
  get firstOffset(): Offset | null {
    for (const batch of this.batches) if (batch.front < batch.count) return batch.offsets[batch.front] ?? 0
    return null
  }

  feed(checked: Checked, start: number, end: number): number {
    const { offsets } = checked.chunk
    let from = start
    while (from < end && (offsets[from] ?? 0) < this.at) from++
    // Rules cost something: nothing is judged that cannot be taken.
    this.isStuffed = from < end && !this.hasRoom
    if (this.isStuffed || from === end) return from
    const run = ruled(this.options.rules(), { checked, from, end }, (index) => checked.refused.has(index))
    const stopped = this.takeRun(run)
    this.isStuffed = stopped < end
    this.options.filtered(filteredBefore(run, stopped))
    return stopped
  }

  passed(next: Offset): void {
    this.at = Math.max(this.at, next)
  }

  /** Ends the batch that fills, if one does. */
  closeLast(): void {
    const last = this.batches.at(-1)
    if (last !== undefined && last.count > 0) this.close(last)
  }

  /** Something can be sent at once. */
  get isReady(): boolean {
    return this.again.length > 0 || this.batches.some(({ closed, count, cut }) => closed && cut < count)
  }

  /** What to send next; null: nothing. All its records may be refused already: then it is passed over. */
  next(bytesMax: number): Parcel | null {
    const whole = this.again.shift() ?? this.cut()
    if (whole === null) return null
    const count = whole.countWithin(bytesMax)
    if (count < whole.count) this.sendAgain(whole.slice(count, whole.count))
    return whole.slice(0, count)
  }

  sendAgain(parcel: Parcel): void {
    if (parcel.count === 0) return
    const later = this.again.findIndex(({ firstOffset }) => firstOffset > parcel.firstOffset)
    this.again.splice(later < 0 ? this.again.length : later, 0, parcel)
  }

  /** Gives back what is done and in the ledger, or on its way there. */
  releaseDone(): void {
    for (let first = this.batches[0]; first?.closed === true && first.front === first.count; first = this.batches[0]) {
      first.release()
      this.batches.shift()
    }
    if (this.isStuffed && this.heldBytes <= this.roomBytes / 2) {
      this.isStuffed = false
      if (this.mode === "catching") this.options.hungry()
    }
  }

  /** Forgets what was gathered and keeps only a place. */
  detach(at: Offset): void {
    const given = this.batches.splice(0)
    this.known.remember(given)
    for (const batch of given) batch.release()
    this.again.length = 0
    this.mode = "off"
    this.at = at
    this.expiredTo = null
    this.isStuffed = false
    this.lastBytes = firstBytes
    this.lastRecords = 0
  }

  /** Index of the first record that could not be taken, or the run's end. Who is woken may look at once: not before. */
  private takeRun(run: Run): number {
    const before = this.batches.at(-1)
    const stopped = this.fill(run)
    if (this.batches.at(-1) !== before || stopped < run.end) this.options.wake()
    return stopped
  }

  private fill({ checked, end, from }: Run): number {
    let next = firstKept({ checked, from, end })
    while (next < end) {
      const batch = this.batchFor()
      if (batch === null) return next
      next = take(batch, { checked, from: next, end, bytesMax: this.targetBytes, recordsMax: this.target.records })
      if (next < end) this.close(batch)
    }
    return end
  }

  private get targetBytes(): number {
    return this.options.isFailing() ? Math.min(leastBytes, this.target.bytes) : this.target.bytes
  }

  private get roomBytes(): number {
    return this.options.isFailing() ? leastBytes : this.options.requests.roomBytes
  }

  /** The parcel of the first batch that is ready and has none, without the records that are refused already. */
  private cut(): Parcel | null {
    const batch = this.batches.find(({ closed, count, cut }) => closed && cut < count)
    if (batch === undefined) return null
    const { count, cut } = batch
    batch.cut = count
    if (batch.isAllOpen) return Parcel.range(batch, cut, count)
    const picked = Array.from({ length: count - cut }, (_, n) => cut + n).filter((index) => batch.isOpen(index))
    return Parcel.of(batch, picked)
  }

  /** The batch that fills, or null if there is no room for another one. */
  private batchFor(): Batch | null {
    const last = this.batches.at(-1)
    if (last !== undefined && !last.closed) return last
    if (!this.hasRoom) return null
    const records = Math.ceil(this.lastRecords * 1.05)
    const batch = new Batch(this.options.requests, { bytes: Math.min(this.lastBytes, this.targetBytes), records })
    this.batches.push(batch)
    return batch
  }

  private get hasRoom(): boolean {
    const last = this.batches.at(-1)
    return last === undefined || !last.closed || this.heldBytes + this.lastBytes <= this.roomBytes
  }

  private close(batch: Batch): void {
    batch.closed = true
    // A leg that fills whole batches is given whole ones.
    this.lastBytes = batch.bytes.length
    this.lastRecords = batch.count
    this.known.apply(batch)
  }
}

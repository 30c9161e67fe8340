/** What all legs to receivers of a process share: memory for gathered records and for bodies, and its compression. */
import type { Compression } from "../Compression.ts"
import { Budget } from "../gather/Budget.ts"
import { Buffers } from "./Buffers.ts"

/** A leg may always hold so much, however little memory is left: it stays slow, but never stands still. */
export const leastBytes = 64 * 1024

/** One leg leaves so many times as much of what is left to the others. */
const othersShare = 4

export class Requests {
  /** Of the records that are gathered. */
  readonly budget: Budget
  readonly buffers = new Buffers()
  readonly compression: Compression["Service"]
  private readonly legShareBytes: number

  constructor(
    limits: { readonly receiversBytes: number; readonly legShareBytes: number },
    compression: Compression["Service"]
  ) {
    this.budget = new Budget(limits.receiversBytes)
    this.legShareBytes = limits.legShareBytes
    this.compression = compression
  }

  /** What one leg may hold at the moment: a share of what is left, so that no leg takes it all. */
  get roomBytes(): number {
    const left = this.budget.limitBytes - this.budget.usedBytes
    return Math.max(leastBytes, Math.min(this.legShareBytes, left / othersShare))
  }
}

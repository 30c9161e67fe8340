/** Every bound of delivery, in one place. Sizes in bytes, times in milliseconds. */
import type { BackoffLimits } from "@tailrace/domain"
import { Context } from "effect"

const MiB = 1024 * 1024

export interface Limits {
  /**
   * A frame is cut at this size, or earlier when memory is needed. One of 4 MiB would be 1 % smaller, but four lanes
   * would fill the memory of all windows with pages alone.
   */
  readonly frameBytes: number
  /** A window ends when its object would be larger than this (compressed). */
  readonly objectBytes: number
  /** Compressed frames of one leg beyond this are spooled. */
  readonly legShareBytes: number
  /** What all windows of the process may hold in memory: pages and compressed frames. */
  readonly windowsBytes: number
  /** What all records gathered for receivers may hold in memory; a leg may always hold a little more. */
  readonly receiversBytes: number
  /** Records that a receiver is sent at once, as they lie in the log, at most. */
  readonly batchBytes: number
  /** How long a record waits for others to be sent with. */
  readonly lingerMillis: number
  /** What all request bodies of the process may hold in memory; at least `objectBytes`. */
  readonly bodiesBytes: number
  /** A larger record goes to quarantine. */
  readonly recordBytes: number
  /** Refused records of one leg that wait for its next delivery; more of either ends the window. */
  readonly refusedRecords: number
  readonly refusedBytes: number
  /** What one turn of a catch-up reader reads before another one's turn. */
  readonly turnBytes: number
  /** The live reader waits for a catch-up reader that is at most this many offsets behind it. */
  readonly handOverOffsets: number
  readonly backoff: BackoffLimits
  readonly probe: BackoffLimits
  /** At most this often a snapshot of the lane is written. */
  readonly positionsMillis: number
  /** After a lane failed, it is claimed again at the earliest after this. */
  readonly reclaimMillis: number
  /** How long a stopping process waits for requests under way. */
  readonly drainMillis: number
}

/** DESIGN "Decisions already taken": defaults. */
export const defaultLimits: Limits = {
  frameBytes: MiB,
  objectBytes: 64 * MiB,
  legShareBytes: 8 * MiB,
  windowsBytes: 80 * MiB,
  receiversBytes: 24 * MiB,
  batchBytes: MiB,
  lingerMillis: 1000,
  bodiesBytes: 72 * MiB,
  recordBytes: MiB,
  refusedRecords: 1000,
  refusedBytes: MiB,
  turnBytes: 16 * MiB,
  handOverOffsets: 4096,
  backoff: { baseMillis: 1000, capMillis: 5 * 60_000 },
  probe: { baseMillis: 60_000, capMillis: 60 * 60_000 },
  positionsMillis: 60_000,
  reclaimMillis: 1000,
  drainMillis: 10_000
}

/** What a busy process has resident besides: measured, see docs/performance.md. */
const processBytes = 235 * MiB

/**
 * Receivers are sent to in small requests, and soon. Besides the rest of the budget: when it was taken from windows, a
 * third less of these made two thousand destinations cut small frames, which cost more CPU than there was.
 */
const receiversShare = 0.1

/** Large objects are worth more than windows in memory, which the spool takes over. */
const bodiesShare = 0.7

/**
 * Limits for a process that shall stay under `memoryBytes` resident.
 *
 * @example
 * ```ts
 * Layer.succeed(DeliveryLimits, limitsFor(350 * 1024 * 1024))
 * ```
 */
export const limitsFor = (memoryBytes: number): Limits => {
  const budget = Math.max(32 * MiB, memoryBytes - processBytes)
  const bodiesBytes = Math.min(72 * MiB, Math.floor(budget * bodiesShare))
  const objectBytes = Math.min(defaultLimits.objectBytes, bodiesBytes - 8 * MiB)
  const receiversBytes = Math.min(defaultLimits.receiversBytes, Math.floor(budget * receiversShare))
  return {
    ...defaultLimits,
    bodiesBytes,
    objectBytes,
    receiversBytes,
    windowsBytes: budget - bodiesBytes
  }
}

export class DeliveryLimits extends Context.Reference<Limits>("@tailrace/delivery/DeliveryLimits", {
  defaultValue: () => defaultLimits
}) {}

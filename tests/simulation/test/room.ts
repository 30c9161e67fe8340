/** What the scenarios that need more room than a seed have in common: bounds of a process, and patience. */
import type { SmallLimits } from "../src/run/Scenario.ts"

export const hour = 3_600_000
/** For a machine that is busy with other things. */
export const patience = 900_000
export const day = 24 * hour
export const kib = 1024

export const limits: SmallLimits = {
  frameBytes: 64 * kib,
  objectBytes: 1024 * kib,
  legShareBytes: 4 * kib,
  windowsBytes: 8192 * kib,
  receiversBytes: 4096 * kib,
  batchBytes: 256 * kib,
  lingerMillis: 1_000,
  bodiesBytes: 2048 * kib,
  refusedRecords: 1000,
  refusedBytes: 64 * kib,
  turnBytes: 128 * kib,
  handOverOffsets: 512,
  backoff: { baseMillis: 1_000, capMillis: 60_000 },
  probe: { baseMillis: 10_000, capMillis: 600_000 },
  positionsMillis: 600_000,
  reclaimMillis: 1_000,
  drainMillis: 10_000
}

/** Retention in slices: each removes a bounded number of bytes, so that commits and reads go on between them. */
import type { Offset } from "@tailrace/log"
import type { DatabaseSync } from "node:sqlite"
import { headsFrom, type LaneTable, saveState } from "./LaneTable.ts"
import { pragmaNumber } from "./OpenDatabase.ts"
import { pageBytes } from "./Schema.ts"
import { inTransaction } from "./Transaction.ts"

const sliceBytes = 16 * 1_048_576
const sliceBatches = 1_024
/** The part of the file that may lie free for what comes next; more is given back to the disk. */
const freeShare = 1 / 8

/** Everything before `before`, which begins a batch or is the end, is gone. */
export const expireBefore = (db: DatabaseSync, table: LaneTable, before: Offset): void => {
  const state = { ...table.state, earliest: Math.min(Math.max(before, table.state.earliest), table.state.next) }
  inTransaction(db, () => {
    table.statements.removeBefore.run(state.earliest)
    saveState(table, state)
  })
  table.state = state
}

/** Removes one slice of what was appended before `cutoff`; false if there was nothing. */
export const expireSlice = (db: DatabaseSync, table: LaneTable, cutoff: number): boolean => {
  const bounds = { from: 0, maxBatches: sliceBatches, maxBytes: sliceBytes, appendedBefore: cutoff }
  const last = headsFrom(table, bounds).at(-1)
  if (last === undefined) return false
  expireBefore(db, table, last.next)
  return true
}

/** Gives one slice of free pages back to the disk; false if few enough are free. */
export const vacuumSlice = (db: DatabaseSync): boolean => {
  const free = pragmaNumber(db, "freelist_count")
  const excess = free - Math.ceil(pragmaNumber(db, "page_count") * freeShare)
  if (excess <= 0) return false
  // Only `exec` runs this statement to its end: `prepare().run()` frees one page.
  db.exec(`PRAGMA incremental_vacuum(${Math.min(excess, sliceBytes / pageBytes)})`)
  if (excess <= sliceBytes / pageBytes) db.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  return true
}

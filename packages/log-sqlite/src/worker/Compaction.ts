/**
 * Compaction of the two topics that are kept forever but not whole. `positions`: what was appended up to one hour
 * before the newest record is kept, and the last 64 records; so the newest snapshot, whose shards one commit wrote, is
 * always complete. `secrets`: the newest record of each key; what a tombstone shreds is overwritten on disk.
 */
import type { DatabaseSync } from "node:sqlite"
import { type Columns, deltaAt, encodeColumns } from "../BatchFormat.ts"
import { batchesBetween, headsFrom, type LaneTable, type StoredBatch } from "./LaneTable.ts"
import { inTransaction } from "./Transaction.ts"

const positionsKeptMillis = 3_600_000
const positionsKeptRecords = 64
const noBatchLimit = -1

const compactPositions = (db: DatabaseSync, table: LaneTable): void => {
  const { next, time } = table.state
  const appendedBefore = time - positionsKeptMillis
  const bounds = { from: 0, maxBatches: noBatchLimit, maxBytes: Infinity, appendedBefore }
  const old = headsFrom(table, bounds).filter((head) => head.next <= next - positionsKeptRecords)
  inTransaction(db, () => {
    for (const { base } of old) table.statements.removeOne.run(base)
  })
}

/** The batch with only the records at `indexes`. */
const subset = ({ bytes, columns }: StoredBatch, indexes: ReadonlyArray<number>) => {
  const starts: Array<number> = [0]
  for (let index = 0; index < columns.count; index++) {
    starts.push((starts[index] ?? 0) + (columns.lengths[index] ?? 0) + 1)
  }
  const kept: Columns = {
    count: indexes.length,
    lengths: indexes.map((index) => columns.lengths[index] ?? 0),
    keyOf: indexes.map((index) => columns.keyOf[index] ?? 0),
    deltas: indexes.map((index) => deltaAt(columns, index)),
    keys: columns.keys,
    headers: columns.headers.flatMap(([index, headers]) => {
      const at = indexes.indexOf(index)
      return at < 0 ? [] : [[at, headers] as const]
    })
  }
  const values = indexes.map((index) => bytes.subarray(starts[index], starts[index + 1]))
  return { columns: encodeColumns(kept), bytes: Buffer.concat(values), count: kept.count }
}

const newestByKey = (batches: ReadonlyArray<StoredBatch>): ReadonlyMap<string | null, number> => {
  const newest = new Map<string | null, number>()
  for (const { base, columns } of batches) {
    for (let index = 0; index < columns.count; index++) {
      newest.set(columns.keys[columns.keyOf[index] ?? 0] ?? null, base + deltaAt(columns, index))
    }
  }
  return newest
}

const rewrite = (table: LaneTable, batch: StoredBatch, newest: ReadonlyMap<string | null, number>): void => {
  const { base, columns } = batch
  const indexes = Array.from({ length: columns.count }, (_, index) => index).filter((index) =>
    newest.get(columns.keys[columns.keyOf[index] ?? 0] ?? null) === base + deltaAt(columns, index)
  )
  if (indexes.length === columns.count) return
  if (indexes.length === 0) {
    table.statements.removeOne.run(base)
    return
  }
  const kept = subset(batch, indexes)
  table.statements.replace.run(kept.count, kept.columns, kept.bytes, base)
}

const compactSecrets = (db: DatabaseSync, table: LaneTable): void => {
  const batches = batchesBetween(table, 0, Number.MAX_SAFE_INTEGER)
  const newest = newestByKey(batches)
  db.exec("PRAGMA secure_delete = ON")
  try {
    inTransaction(db, () => batches.forEach((batch) => rewrite(table, batch, newest)))
    // The write-ahead log still holds the old pages until it is written back and cut.
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  } finally {
    db.exec("PRAGMA secure_delete = OFF")
  }
}

export const isCompacted = ({ topic }: LaneTable): boolean => topic === "positions" || topic === "secrets"

/** Compacts the lane if something was written since the last time; false if there was nothing to do. */
export const compactLane = (db: DatabaseSync, table: LaneTable): boolean => {
  if (!table.isDirty || !isCompacted(table)) return false
  if (table.topic === "secrets") compactSecrets(db, table)
  else compactPositions(db, table)
  table.isDirty = false
  return true
}

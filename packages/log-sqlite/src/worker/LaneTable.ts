/** One lane of one topic on disk: its batches, its bounds, and the statements that touch them. */
import type { Lane, Offset, Topic } from "@tailrace/log"
import type { DatabaseSync, StatementSync } from "node:sqlite"
import type { Batch } from "../BatchBuilder.ts"
import { BatchDamaged, type Columns, decodeColumns } from "../BatchFormat.ts"
import type { Place, PlaceBounds } from "../WorkerMessage.ts"
import { blobAt, numberAt, type Row } from "./Row.ts"
import { tableOf } from "./Schema.ts"

/** What is in the `lane` table: kept apart from the batches, because these may all have expired. */
export interface LaneState {
  readonly earliest: Offset
  readonly next: Offset
  /** Time of the last append, in epoch milliseconds. */
  readonly time: number
}

/** A batch without its blobs. */
export interface BatchHead {
  readonly base: Offset
  readonly next: Offset
  readonly time: number
  readonly size: number
}

export interface StoredBatch {
  readonly base: Offset
  readonly time: number
  readonly columns: Columns
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface LaneTable extends Place {
  /** As committed; changes only when a transaction has been. */
  state: LaneState
  /** A write happened since the last compaction. */
  isDirty: boolean
  readonly statements: Readonly<Record<keyof ReturnType<typeof sql>, StatementSync>>
}

const sql = (table: string) => ({
  insert: `INSERT INTO ${table}(base, next, count, time, columns, bytes) VALUES (?, ?, ?, ?, ?, ?)`,
  replace: `UPDATE ${table} SET count = ?, columns = ?, bytes = ? WHERE base = ?`,
  floor: `SELECT base, next, time FROM ${table} WHERE base <= ? ORDER BY base DESC LIMIT 1`,
  heads: `SELECT base, next, time, length(columns) + length(bytes) AS size FROM ${table}
    WHERE base >= ? ORDER BY base LIMIT ?`,
  batches: `SELECT base, time, columns, bytes FROM ${table} WHERE base BETWEEN ? AND ? ORDER BY base`,
  removeBefore: `DELETE FROM ${table} WHERE base < ?`,
  removeOne: `DELETE FROM ${table} WHERE base = ?`,
  saveState: "UPDATE lane SET earliest = ?, next = ?, time = ? WHERE topic = ? AND lane = ?",
  loadState: "SELECT earliest, next, time FROM lane WHERE topic = ? AND lane = ?"
})

export const openLaneTable = (db: DatabaseSync, topic: Topic, lane: Lane): LaneTable => {
  const text = sql(tableOf(topic, lane))
  const statements = {
    insert: db.prepare(text.insert),
    replace: db.prepare(text.replace),
    floor: db.prepare(text.floor),
    heads: db.prepare(text.heads),
    batches: db.prepare(text.batches),
    removeBefore: db.prepare(text.removeBefore),
    removeOne: db.prepare(text.removeOne),
    saveState: db.prepare(text.saveState),
    loadState: db.prepare(text.loadState)
  }
  const row = statements.loadState.get(topic, lane)
  const state = { earliest: numberAt(row, "earliest"), next: numberAt(row, "next"), time: numberAt(row, "time") }
  const table = { topic, lane, state, isDirty: true, statements }
  const last = floorHead(table, Number.MAX_SAFE_INTEGER)
  if (last !== undefined && last.next > state.next) throw new BatchDamaged(`${topic}/${lane} ends before its records`)
  return table
}

const headOf = (row: Row): Omit<BatchHead, "size"> => ({
  base: numberAt(row, "base"),
  next: numberAt(row, "next"),
  time: numberAt(row, "time")
})

/** The batch that holds `offset`, or the last one before it. */
export const floorHead = ({ statements }: LaneTable, offset: Offset): Omit<BatchHead, "size"> | undefined => {
  const row = statements.floor.get(offset)
  return row && headOf(row)
}

/** They end before the batch that would break a bound. */
export interface HeadsWanted {
  readonly from: Offset
  readonly maxBatches: number
  /** The first is taken whatever its size. */
  readonly maxBytes: number
  /** In epoch milliseconds. */
  readonly appendedBefore: number
}

/** The first batches that begin at or after an offset. Reads no further than it must: each is a page of the file. */
export const headsFrom = ({ statements }: LaneTable, wanted: HeadsWanted): ReadonlyArray<BatchHead> => {
  const heads: Array<BatchHead> = []
  let bytes = 0
  for (const row of statements.heads.iterate(wanted.from, wanted.maxBatches)) {
    const head = { ...headOf(row), size: numberAt(row, "size") }
    bytes += head.size
    if (head.time >= wanted.appendedBefore || (heads.length > 0 && bytes > wanted.maxBytes)) break
    heads.push(head)
  }
  return heads
}

/** All batches whose base lies from `first` to `last`, both included, with their blobs. */
export const batchesBetween = (table: LaneTable, first: Offset, last: Offset): ReadonlyArray<StoredBatch> =>
  table.statements.batches.all(first, last).map((row) => ({
    base: numberAt(row, "base"),
    time: numberAt(row, "time"),
    columns: decodeColumns(blobAt(row, "columns")),
    bytes: blobAt(row, "bytes")
  }))

export const saveState = ({ lane, statements, topic }: LaneTable, state: LaneState): void => {
  statements.saveState.run(state.earliest, state.next, state.time, topic, lane)
}

/** Writes batches behind the end, inside of a transaction; answers the state to take over when it is committed. */
export const insertBatches = (table: LaneTable, batches: ReadonlyArray<Batch>, now: number): LaneState => {
  const time = Math.max(now, table.state.time)
  let { next } = table.state
  for (const { bytes, columns, count } of batches) {
    table.statements.insert.run(next, next + count, count, time, columns, bytes)
    next += count
  }
  const state = { ...table.state, next, time }
  saveState(table, state)
  return state
}

/** First offset appended at or after `time`: times rise with offsets, so the batches are halved until it is found. */
export const offsetAtTime = (table: LaneTable, time: number): Offset => {
  let low = table.state.earliest
  let high = table.state.next
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const head = floorHead(table, middle)
    if (head === undefined || head.time < time || head.next <= low) low = Math.max(middle + 1, head?.next ?? 0)
    else high = Math.max(low, head.base)
  }
  return low
}

export const boundsOf = ({ lane, state, topic }: LaneTable): PlaceBounds => ({
  topic,
  lane,
  earliest: state.earliest,
  next: state.next
})

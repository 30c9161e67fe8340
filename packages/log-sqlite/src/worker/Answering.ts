/** Answers the log's questions on the open file, one at a time; nothing stays open in between. */
import type { DatabaseSync } from "node:sqlite"
import { pooledBytes } from "../BufferPool.ts"
import type { Answer, CommitPart, Cutoffs, Place, Question, WorkerOptions, Written } from "../WorkerMessage.ts"
import { compactLane, isCompacted } from "./Compaction.ts"
import { boundsOf, insertBatches, type LaneTable, offsetAtTime, openLaneTable } from "./LaneTable.ts"
import { pragmaNumber } from "./OpenDatabase.ts"
import { readChunk } from "./ReadChunk.ts"
import { expireBefore, expireSlice, vacuumSlice } from "./Retention.ts"
import { tableOf } from "./Schema.ts"
import { inTransaction } from "./Transaction.ts"

/** SQLite's own largest page count: no bound. */
const unboundedPages = 4_294_967_294

interface Open {
  readonly db: DatabaseSync
  readonly options: WorkerOptions
  readonly tables: ReadonlyMap<string, LaneTable>
}

type QuestionOf<K extends Question["kind"]> = Extract<Question, { kind: K }>

const tableAt = ({ tables }: Open, { lane, topic }: Place): LaneTable => {
  const found = tables.get(tableOf(topic, lane))
  if (found === undefined) throw new RangeError(`no lane ${lane} of ${topic}`)
  return found
}

/** Frees what the commit has used; whole buffers of the pool go back. */
const spareBuffers = (parts: ReadonlyArray<CommitPart>): ReadonlyArray<ArrayBuffer> =>
  parts.flatMap(({ batches }) => batches).flatMap(({ bytes, columns }) => {
    columns.buffer.transfer(0)
    if (bytes.buffer.byteLength === pooledBytes) return [bytes.buffer]
    bytes.buffer.transfer(0)
    return []
  })

const commit = (open: Open, { now, parts }: QuestionOf<"commit">): Answer => {
  const states = inTransaction(open.db, () =>
    parts.map(({ batches, ...place }) => {
      const table = tableAt(open, place)
      return { table, state: insertBatches(table, batches, now) }
    }))
  const written = states.map(({ state, table }): Written => {
    const base = table.state.next
    table.state = state
    table.isDirty = true
    return { topic: table.topic, lane: table.lane, base, next: state.next }
  })
  return { kind: "committed", written, spare: spareBuffers(parts) }
}

const read = (open: Open, question: QuestionOf<"read">): Answer => {
  const table = tableAt(open, question)
  const { earliest } = table.state
  return question.from < earliest
    ? { kind: "expired", earliest }
    : { kind: "chunk", chunk: readChunk(table, question.from) }
}

/** One slice of work: retention of one lane, else compaction of one, else vacuum. */
const maintain = (open: Open, cutoffs: Cutoffs): Answer => {
  for (const table of open.tables.values()) {
    const cutoff = cutoffs[table.topic]
    if (cutoff !== undefined && !isCompacted(table) && expireSlice(open.db, table, cutoff)) {
      return { kind: "maintained", more: true, bounds: [boundsOf(table)] }
    }
  }
  for (const table of open.tables.values()) {
    if (compactLane(open.db, table)) return { kind: "maintained", more: true, bounds: [] }
  }
  return { kind: "maintained", more: vacuumSlice(open.db), bounds: [] }
}

const expire = (open: Open, question: QuestionOf<"expire">): Answer => {
  const table = tableAt(open, question)
  expireBefore(open.db, table, question.before)
  return { kind: "maintained", more: false, bounds: [boundsOf(table)] }
}

const limit = ({ db, options: { maxFileBytes } }: Open, full: boolean): Answer => {
  const bound = maxFileBytes === undefined ? unboundedPages : Math.ceil(maxFileBytes / pragmaNumber(db, "page_size"))
  db.exec(`PRAGMA max_page_count = ${full ? pragmaNumber(db, "page_count") : bound}`)
  return { kind: "done" }
}

export interface Answering {
  readonly tables: ReadonlyMap<string, LaneTable>
  answer(question: Exclude<Question, { kind: "close" }>): Answer
}

export const makeAnswering = (db: DatabaseSync, options: WorkerOptions): Answering => {
  const lanes = Array.from({ length: options.lanes }, (_, lane) => lane)
  const places = options.topics.flatMap((topic) => lanes.map((lane) => ({ topic, lane })))
  const tables = new Map(
    places.map(({ lane, topic }) => [tableOf(topic, lane), openLaneTable(db, topic, lane)] as const)
  )
  const open = { db, options, tables }
  const answer = (question: Exclude<Question, { kind: "close" }>): Answer => {
    switch (question.kind) {
      case "commit":
        return commit(open, question)
      case "read":
        return read(open, question)
      case "offsetAt":
        return { kind: "offset", offset: offsetAtTime(tableAt(open, question), question.time) }
      case "expire":
        return expire(open, question)
      case "maintain":
        return maintain(open, question.cutoffs)
      case "limit":
        return limit(open, question.full)
    }
  }
  return { tables, answer }
}

/**
 * One lane of one topic in memory: records in order, offsets that may leave numbers out, and whoever waits for more.
 * Plain synchronous state; `LogMemory` makes the port of it.
 */
import { Deferred, Effect } from "effect"
import type { LogRecord } from "./Chunk.ts"
import type { Bounds, Entry, Offset, Recognition } from "./Log.ts"

/** Bounds of what one read returns. */
const maxChunkRecords = 500
const maxChunkBytes = 1_048_576

export interface MemoryLane {
  records: Array<LogRecord>
  earliest: Offset
  next: Offset
  /** While a foreign transaction hangs: where it began; nothing from here on is read. */
  heldAt: Offset | undefined
  lastTime: number
  changed: Deferred.Deferred<void>
  /** Where the lane's end was cut off, oldest first: what is stored from there on is not what stood there before. */
  readonly cuts: Array<Offset>
}

export const makeMemoryLane = (): MemoryLane => ({
  records: [],
  earliest: 0,
  next: 0,
  heldAt: undefined,
  lastTime: 0,
  changed: Deferred.makeUnsafe(),
  cuts: []
})

export const boundsOf = ({ earliest, heldAt, next }: MemoryLane): Bounds => ({
  earliest,
  stable: heldAt === undefined ? next : Math.max(earliest, Math.min(heldAt, next)),
  next
})

/** Wakes everyone who waits for the lane to change. */
export const announce = (lane: MemoryLane): void => {
  const { changed } = lane
  lane.changed = Deferred.makeUnsafe()
  Deferred.doneUnsafe(changed, Effect.void)
}

export const appendTo = (lane: MemoryLane, entries: ReadonlyArray<Entry>, now: number): Offset => {
  const baseOffset = lane.next
  lane.lastTime = Math.max(lane.lastTime, now)
  for (const { headers, key, value } of entries) {
    lane.records.push({
      key,
      value: value === null ? null : value.slice(),
      ...(headers === undefined ? {} : { headers: { ...headers } }),
      offset: lane.next,
      time: lane.lastTime
    })
    lane.next += 1
  }
  return baseOffset
}

/** Index of the first record that satisfies `reached`, which is false and then true along the lane. */
export const firstIndex = (records: ReadonlyArray<LogRecord>, reached: (record: LogRecord) => boolean): number => {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const record = records[middle]
    if (record !== undefined && reached(record)) high = middle
    else low = middle + 1
  }
  return low
}

export interface MemoryRead {
  readonly records: ReadonlyArray<LogRecord>
  readonly next: Offset
}

/** What one read from `from` up to the stable end returns; `next` passes over left-out offsets behind the records. */
export const readFrom = (lane: MemoryLane, from: Offset): MemoryRead => {
  const { stable } = boundsOf(lane)
  const first = firstIndex(lane.records, (record) => record.offset >= from)
  const end = firstIndex(lane.records, (record) => record.offset >= stable)
  let bytes = 0
  let last = first
  while (last < end && last - first < maxChunkRecords) {
    bytes += lane.records[last]?.value?.length ?? 0
    if (bytes > maxChunkBytes && last > first) break
    last += 1
  }
  return { records: lane.records.slice(first, last), next: last < end ? lane.records[last]?.offset ?? stable : stable }
}

/** Retention: nothing before `before` is readable any more. */
export const expireBefore = (lane: MemoryLane, before: Offset): void => {
  lane.earliest = Math.min(Math.max(lane.earliest, before), lane.next)
  lane.records.splice(0, firstIndex(lane.records, (record) => record.offset >= lane.earliest))
}

/** What must not happen to a log: the end is cut off, so that offsets from `to` on are given again. */
export const truncateTo = (lane: MemoryLane, to: Offset): void => {
  lane.records.splice(firstIndex(lane.records, (record) => record.offset >= to))
  lane.next = Math.min(lane.next, to)
  lane.cuts.push(lane.next)
  lane.earliest = Math.min(lane.earliest, lane.next)
}

/** Keeps the newest record of each key. */
export const compact = (lane: MemoryLane): void => {
  const newest = new Map(lane.records.map((record) => [record.key, record.offset]))
  lane.records = lane.records.filter((record) => newest.get(record.key) === record.offset)
}

/** The topic is deleted and made anew. */
export const recreate = (lane: MemoryLane): void => {
  lane.records = []
  lane.earliest = 0
  lane.next = 0
  lane.heldAt = undefined
  lane.cuts.push(0)
}

/** How many cuts the record at `offset` has outlived, as the lane stands now. */
const cutsBelow = ({ cuts }: MemoryLane, offset: Offset): number => cuts.findLastIndex((cut) => cut <= offset) + 1

/** Names the last of the records, and what it is that stands there. */
export const markOf = (lane: MemoryLane, records: ReadonlyArray<LogRecord>): string => {
  const last = records.at(-1)
  return last === undefined ? "" : `${last.offset}/${cutsBelow(lane, last.offset)}`
}

/** Is what the mark names still there? */
export const recognize = (lane: MemoryLane, mark: string): Recognition => {
  if (mark === "") return "same"
  const [offset = 0, cuts] = mark.split("/").map(Number)
  if (offset >= lane.next || cutsBelow(lane, offset) !== cuts) return "other"
  return offset < lane.earliest ? "gone" : "same"
}

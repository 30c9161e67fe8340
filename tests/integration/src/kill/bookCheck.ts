/** Holds the producer's book against the log: acknowledged records are in it, and no request was taken in part. */
import { about, type Complaint } from "../checker/Complaint.ts"
import type { LaneRecords } from "../checker/LaneRecords.ts"
import { type Attempt, recordOf } from "./Producer.ts"
import { idOf } from "./SampleRecord.ts"

/** Which records of an attempt the log has: one number for each, how often. */
type Counts = Map<string, Array<number>>

interface Tally {
  readonly counts: Counts
  readonly altered: Array<string>
}

const count = (lanes: ReadonlyArray<LaneRecords>, attempts: ReadonlyMap<string, Attempt>): Tally => {
  const tally: Tally = { counts: new Map(), altered: [] }
  for (const { value } of lanes.flatMap(({ records }) => records)) {
    const text = Buffer.from(value ?? new Uint8Array()).toString()
    const id = idOf(text)
    const [, name = "", place = ""] = /^(.*)-(\d+)$/.exec(id ?? "") ?? []
    const attempt = attempts.get(name)
    if (attempt === undefined) continue
    const index = Number(place)
    const counts = tally.counts.get(name) ?? []
    counts[index] = (counts[index] ?? 0) + 1
    tally.counts.set(name, counts)
    if (!text.endsWith(recordOf(attempt, index).slice(1))) tally.altered.push(`${name}-${place}`)
  }
  return tally
}

/** How many of the attempt's records from one index to another are there, if each is there at most once. */
const present = (counts: ReadonlyArray<number> | undefined, [from, to]: readonly [number, number]): number => {
  const part = Array.from({ length: to - from }, (_, index) => counts?.[from + index] ?? 0)
  return part.some((times) => times > 1) ? NaN : part.reduce((sum, times) => sum + times, 0)
}

/** Records of one type in one request are appended at once. */
const partsOf = ({ audit, flow }: Attempt) => [[0, flow], [flow, flow + audit]] as const

const isWhole = (counts: ReadonlyArray<number> | undefined, [from, to]: readonly [number, number]) =>
  present(counts, [from, to]) === to - from

const isNone = (counts: ReadonlyArray<number> | undefined, part: readonly [number, number]) =>
  present(counts, part) === 0

/** Complaints about what the log took. */
export const checkBook = (
  book: ReadonlyArray<Attempt>,
  lanes: ReadonlyArray<LaneRecords>
): ReadonlyArray<Complaint> => {
  const { altered, counts } = count(lanes, new Map(book.map((attempt) => [attempt.name, attempt])))
  const kept = (attempt: Attempt) => partsOf(attempt).every((part) => isWhole(counts.get(attempt.name), part))
  const torn = (attempt: Attempt) =>
    partsOf(attempt).some((part) => !isWhole(counts.get(attempt.name), part) && !isNone(counts.get(attempt.name), part))
  return [
    ...about("unkept", "acknowledged requests", book.filter((it) => it.acknowledged && !kept(it)).map((it) => it.name)),
    ...about("torn", "requests without an answer", book.filter((it) => torn(it)).map((it) => it.name)),
    ...about("altered", "records in the log", altered)
  ]
}

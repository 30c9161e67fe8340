/** Copies records of a chunk into a batch: whole runs at once where the chunk holds them one behind the other. */
import type { Checked } from "../read/Checked.ts"
import type { Batch } from "./Batch.ts"

/** Records [from, end) of a chunk, all of one tailnet, and how large the batch may become. */
export interface Taking {
  readonly checked: Checked
  readonly from: number
  readonly end: number
  readonly bytesMax: number
  readonly recordsMax: number
}

/** Not a whole run: it stands apart, is replaced, is filtered, or is no record. */
const takeOne = (batch: Batch, { checked, from }: Taking): number => {
  const { bytes, lengths, offsets, starts } = checked.chunk
  if (checked.dropped.has(from)) return from + 1
  const replaced = checked.replaced.get(from)
  const start = starts[from] ?? 0
  const value = replaced ?? bytes.subarray(start, start + Math.max(0, lengths[from] ?? 0))
  batch.reserve(value.length)
  batch.add(value, offsets[from] ?? 0)
  const reason = checked.refused.get(from)
  if (reason !== undefined) batch.refuse(batch.count - 1, reason)
  return from + 1
}

const isPlain = ({ dropped, refused, replaced }: Checked, index: number): boolean =>
  (replaced.size === 0 || !replaced.has(index)) && (refused.size === 0 || !refused.has(index))
  && (dropped.size === 0 || !dropped.has(index))

/** Index after the longest run of plain records that lie one byte apart and fit; none if the first does not. */
const runEnd = (batch: Batch, { bytesMax, checked, end, from, recordsMax }: Taking): number => {
  const { lengths, starts } = checked.chunk
  const first = starts[from] ?? 0
  const last = Math.min(end, from + recordsMax - batch.count)
  let index = from
  let behind = first - 1
  while (index < last && isPlain(checked, index)) {
    const start = starts[index] ?? 0
    const next = start + Math.max(0, lengths[index] ?? 0)
    if (start !== behind + 1 || batch.used + next - first > bytesMax) return index
    behind = next
    index++
  }
  return index
}

const takeRun = (batch: Batch, { checked, from }: Taking, end: number): number => {
  const { bytes, lengths, offsets, starts } = checked.chunk
  const first = starts[from] ?? 0
  const last = (starts[end - 1] ?? 0) + Math.max(0, lengths[end - 1] ?? 0)
  batch.reserve(last - first)
  const shift = batch.used - first
  batch.bytes.set(bytes.subarray(first, last), batch.used)
  batch.used += last - first
  for (let index = from; index < end; index++) {
    const start = (starts[index] ?? 0) + shift
    batch.note(start, start + (lengths[index] ?? 0), offsets[index] ?? 0)
  }
  return end
}

/** Whether another record fits; one always does. */
const fits = (batch: Batch, { bytesMax, checked: { chunk, replaced }, from, recordsMax }: Taking): boolean => {
  const length = replaced.get(from)?.length ?? chunk.lengths[from] ?? 0
  return batch.count === 0 || (batch.used + length <= bytesMax && batch.count < recordsMax)
}

/** Index of the first record that did not fit any more, or `end`. */
export const take = (batch: Batch, taking: Taking): number => {
  let from = taking.from
  while (from < taking.end) {
    const next = { ...taking, from }
    if (!fits(batch, next)) return from
    const end = runEnd(batch, next)
    from = end > from ? takeRun(batch, next, end) : takeOne(batch, next)
  }
  return from
}

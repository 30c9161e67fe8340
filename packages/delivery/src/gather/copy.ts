/** Copies records of a chunk into a window: whole runs at once where the chunk holds them as NDJSON. */
import type { Offset } from "@tailrace/log"
import type { Checked } from "../read/Checked.ts"
import { ruled } from "../ruling/ruled.ts"
import type { Window } from "./Window.ts"

/** Records [from, end) of a chunk, all of one tailnet. */
export interface Run {
  readonly checked: Checked
  readonly from: number
  readonly end: number
}

/** A range to read again for an open seal: obeys what the seal skipped, not today's verdicts. */
export interface Rebuild {
  readonly to: Offset
  readonly skipped: ReadonlySet<Offset>
  readonly window: Window
}

const newline = 0x0a

const refuse = (window: Window, checked: Checked, index: number): void => {
  const { bytes, lengths, offsets, starts } = checked.chunk
  const start = starts[index] ?? 0
  const value = bytes.slice(start, start + Math.max(0, lengths[index] ?? 0))
  window.refuse({ offset: offsets[index] ?? 0, value, reason: checked.refused.get(index) ?? "refused before" })
}

const copyOne = (window: Window, checked: Checked, index: number): void => {
  const { bytes, lengths, starts } = checked.chunk
  const replaced = checked.replaced.get(index)
  const start = starts[index] ?? 0
  if (replaced === undefined) window.append(bytes, start, start + Math.max(0, lengths[index] ?? 0))
  else window.append(replaced, 0, replaced.length)
  window.count++
}

/** Index after the longest run whose values lie one behind the other, a newline between each two. */
const contiguousEnd = ({ checked, end, from }: Run): number => {
  const { bytes, lengths, starts } = checked.chunk
  const { dropped, refused, replaced } = checked
  const plain = replaced.size === 0 && refused.size === 0 && dropped.size === 0
  let index = from + 1
  while (index < end) {
    const behind = (starts[index - 1] ?? 0) + (lengths[index - 1] ?? 0)
    if (starts[index] !== behind + 1 || bytes[behind] !== newline) return index
    if (!plain && (replaced.has(index) || refused.has(index) || dropped.has(index))) return index
    index++
  }
  return index
}

/** As the records stand today, under the window's rules. */
export const copy = (window: Window, { checked, end, from }: Run): void => {
  const { bytes, lengths, starts } = checked.chunk
  let index = from
  while (index < end) {
    if (checked.dropped.has(index)) index++
    else if (checked.refused.has(index)) refuse(window, checked, index++)
    else if (checked.replaced.has(index)) copyOne(window, checked, index++)
    else {
      const next = contiguousEnd({ checked, from: index, end })
      window.append(bytes, starts[index] ?? 0, (starts[next - 1] ?? 0) + (lengths[next - 1] ?? 0))
      window.count += next - index
      index = next
    }
  }
}

/** As they stood when they were sealed, under the rules of that time. */
export const copyAgain = ({ skipped, to, window }: Rebuild, { checked, end, from }: Run): void => {
  const { offsets } = checked.chunk
  const isSkipped = (index: number) => skipped.has(offsets[index] ?? 0)
  let last = from
  while (last < end && (offsets[last] ?? 0) < to) last++
  const run = ruled(window.rules, { checked, from, end: last }, isSkipped)
  for (let index = from; index < last; index++) {
    if (isSkipped(index)) refuse(window, checked, index)
    else if (!run.checked.dropped.has(index)) copyOne(window, run.checked, index)
  }
}

/** Copies records of a chunk into a window: whole runs at once where the chunk holds them as NDJSON. */
import type { Offset } from "@tailrace/log"
import type { Checked } from "../read/Checked.ts"
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
  const plain = checked.replaced.size === 0 && checked.refused.size === 0
  let index = from + 1
  while (index < end) {
    const behind = (starts[index - 1] ?? 0) + (lengths[index - 1] ?? 0)
    if (starts[index] !== behind + 1 || bytes[behind] !== newline) return index
    if (!plain && (checked.replaced.has(index) || checked.refused.has(index))) return index
    index++
  }
  return index
}

/** As the records stand today. */
export const copy = (window: Window, { checked, end, from }: Run): void => {
  const { bytes, lengths, starts } = checked.chunk
  let index = from
  while (index < end) {
    if (checked.refused.has(index)) refuse(window, checked, index++)
    else if (checked.replaced.has(index)) copyOne(window, checked, index++)
    else {
      const next = contiguousEnd({ checked, from: index, end })
      window.append(bytes, starts[index] ?? 0, (starts[next - 1] ?? 0) + (lengths[next - 1] ?? 0))
      window.count += next - index
      index = next
    }
  }
}

/** As they stood when they were sealed. */
export const copyAgain = ({ skipped, to, window }: Rebuild, { checked, end, from }: Run): void => {
  const { offsets } = checked.chunk
  for (let index = from; index < end && (offsets[index] ?? 0) < to; index++) {
    if (skipped.has(offsets[index] ?? 0)) refuse(window, checked, index)
    else copyOne(window, checked, index)
  }
}

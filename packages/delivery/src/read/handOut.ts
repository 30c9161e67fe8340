/** Hands the records of one chunk to legs, in one synchronous pass: the bytes are copied before the next read. */
import { tailnetOfKey } from "@tailrace/domain"
import type { Offset } from "@tailrace/log"
import type { Checked } from "./Checked.ts"
import type { Reading } from "./LaneTopic.ts"

export interface HandOut {
  readonly checked: Checked
  /** Who takes records of this tailnet in this pass. */
  readonly takers: (tailnet: string) => Iterable<Reading> | undefined
  /** The leg could not take the record at `offset`; it is given nothing more in this pass. */
  readonly stuffed: (reading: Reading, offset: Offset) => void
}

export const handOut = ({ checked, stuffed, takers }: HandOut): void => {
  const { count, keyOf, keys, offsets } = checked.chunk
  const full = new Set<Reading>()
  const legsOfKey = keys.map((key) => key === null ? [] : [...takers(tailnetOfKey(key)) ?? []])
  let start = 0
  while (start < count) {
    const key = keyOf[start] ?? 0
    let end = start + 1
    while (end < count && keyOf[end] === key) end++
    for (const reading of legsOfKey[key] ?? []) {
      if (full.has(reading)) continue
      const stopped = reading.intake.feed(checked, start, end)
      if (stopped === end) continue
      full.add(reading)
      stuffed(reading, offsets[stopped] ?? 0)
    }
    start = end
  }
}

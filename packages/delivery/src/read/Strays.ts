/**
 * Records that belong to no tailnet: no key, or the key of none that exists. They go to quarantine once, by the lane,
 * and never stop it. Records of a tailnet that are no records are its legs' affair.
 */
import { tailnetOfKey } from "@tailrace/domain"
import type { LaneEntry, LogError } from "@tailrace/log"
import { Clock, Effect } from "effect"
import type { LaneLedger } from "../lane/LaneLedger.ts"
import type { Checked } from "./Checked.ts"
import type { LaneTopic } from "./LaneTopic.ts"

export interface Strays {
  /** Makes sure that a tailnet unknown so far does not exist: waits for the control log once. */
  meet(tailnets: ReadonlyArray<string>): Effect.Effect<void, LogError>
  /** Quarantines the strays of a chunk that are not yet; durable when it returns. */
  quarantine(topic: LaneTopic, checked: Checked): Effect.Effect<void>
}

export interface StraysOptions {
  readonly ledger: LaneLedger
  readonly isKnown: (tailnet: string) => boolean
  readonly caughtUp: Effect.Effect<void, LogError>
}

/** An entry of `quarantine`: the raw value, and in headers where it lay and why it was refused. */
export const quarantineEntry = (
  record: { readonly value: Uint8Array; readonly offset: number; readonly reason: string },
  from: { readonly topic: string; readonly lane: number; readonly destination: string | null }
): LaneEntry => ({
  topic: "quarantine",
  key: from.destination,
  value: record.value,
  headers: { reason: record.reason, topic: from.topic, lane: `${from.lane}`, offset: `${record.offset}` }
})

export const makeStrays = ({ caughtUp, isKnown, ledger }: StraysOptions): Strays => {
  const strayIndexes = ({ chunk }: Checked, from: number): ReadonlyArray<number> => {
    const stray = chunk.keys.map((key) => key === null || !isKnown(tailnetOfKey(key)))
    if (!stray.includes(true)) return []
    return Array.from({ length: chunk.count }, (_, index) => index)
      .filter((index) => stray[chunk.keyOf[index] ?? 0] === true && (chunk.offsets[index] ?? 0) >= from)
  }

  const entryOf = (topic: LaneTopic, { chunk }: Checked, index: number): LaneEntry => {
    const start = chunk.starts[index] ?? 0
    const value = chunk.bytes.slice(start, start + Math.max(0, chunk.lengths[index] ?? 0))
    const reason = chunk.keys[chunk.keyOf[index] ?? 0] === null ? "no key" : "no such tailnet"
    return quarantineEntry({ value, offset: chunk.offsets[index] ?? 0, reason }, { ...topic, destination: null })
  }

  return {
    meet: (tailnets) => tailnets.every(isKnown) ? Effect.void : caughtUp,
    quarantine: Effect.fnUntraced(function*(topic, checked) {
      const indexes = strayIndexes(checked, ledger.state.strays[topic.topic])
      if (indexes.length === 0) return
      const entries = indexes.map((index) => entryOf(topic, checked, index))
      const at = yield* Clock.currentTimeMillis
      const to = checked.chunk.next
      yield* ledger.commit([
        { _tag: "StraysQuarantined", topic: topic.topic, to, count: entries.length, at }
      ], entries)
    })
  }
}

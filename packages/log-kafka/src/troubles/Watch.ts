/**
 * What the watch over a cluster remembers from one look to the next, and what of it is worth telling. Pure:
 * `Troubles.ts` looks, every half minute.
 */
import type { Bounds, Lane, LogTrouble, Offset, Topic } from "@tailrace/log"
import { DateTime } from "effect"
import { topicName } from "../KafkaOptions.ts"
import { abortTransaction, denyTransactions, describeProducers } from "../topics/Command.ts"
import { type Finding, type Found, judgeAllSettings, judgePartitions, type Wanted } from "../topics/Judge.ts"

/** A lane whose stable end is before its end: a transaction is open there. */
interface Held {
  readonly topic: Topic
  readonly lane: Lane
  readonly stable: Offset
  readonly since: number
}

export interface Watch {
  readonly held: ReadonlyMap<string, Held>
  readonly unreachable: { readonly since: number; readonly reason: string } | undefined
  /** As last seen. */
  readonly found: Found
  /** Since when topics have had a wrong number of partitions. */
  readonly uneven: ReadonlyMap<Topic, number>
}

/** What one look brought; what it did not reach is left out. */
export interface Look {
  /** Epoch milliseconds. */
  readonly now: number
  readonly bounds: ReadonlyArray<{ readonly topic: Topic; readonly lane: Lane; readonly bounds: Bounds }>
  readonly found: Found | undefined
  /** Why the cluster could not be asked. */
  readonly unreachable: string | undefined
}

export interface Watched {
  readonly wanted: Wanted
  /** Of this process, fixed at its start. */
  readonly lanes: number
}

/** Our own transactions never last longer than 20 s. */
export const hangingMillis = 30_000

export const startWatch = (found: Found): Watch => ({
  held: new Map(),
  unreachable: undefined,
  found,
  uneven: new Map()
})

const watchHeld = (before: Watch["held"], { bounds, now }: Look): Watch["held"] => {
  const held = new Map(before)
  for (const { bounds: { next, stable }, lane, topic } of bounds) {
    const key = `${topic}/${lane}`
    const known = before.get(key)
    if (stable >= next) held.delete(key)
    else if (known?.stable !== stable) held.set(key, { topic, lane, stable, since: now })
  }
  return held
}

const watchUneven = (before: Watch["uneven"], { found, now }: Look, { lanes, wanted }: Watched): Watch["uneven"] =>
  found === undefined
    ? before
    : new Map(judgePartitions(wanted, found, lanes).map(({ topic }) => [topic, before.get(topic) ?? now]))

export const watch = (before: Watch, look: Look, watched: Watched): Watch => ({
  held: watchHeld(before.held, look),
  unreachable: look.unreachable === undefined
    ? undefined
    : { since: before.unreachable?.since ?? look.now, reason: look.unreachable },
  found: look.found ?? before.found,
  uneven: watchUneven(before.uneven, look, watched)
})

const instant = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

const heldTrouble = ({ lane, since, stable, topic }: Held, { wanted }: Watched): LogTrouble => {
  const partition = { topic: topicName(wanted, topic), partition: lane, offset: stable }
  return {
    at: { topic, lane },
    message: `a foreign transaction has held lane ${lane} of ${topic} since ${instant(since)}: nothing from offset ` +
      `${stable} on is read until it ends. Who: ${describeProducers(wanted, partition)}. End it: ` +
      `${abortTransaction(wanted, partition)}. Keep producers from it: ${denyTransactions(wanted)}`,
    isBlocking: false
  }
}

const numbers = (from: number, to: number): string => to - from === 1 ? `lane ${from}` : `lanes ${from} to ${to - 1}`

const unevenTrouble = ({ cure, problem, topic }: Finding, state: Watch, { lanes }: Watched): LogTrouble => {
  const partitions = state.found.get(topic)?.partitions ?? lanes
  const [from, to] = partitions > lanes ? [lanes, partitions] : [partitions, lanes]
  return {
    at: { topic, lane: from },
    message: `${numbers(from, to)} of ${topic} ${to - from === 1 ? "goes" : "go"} unserved since ` +
      `${instant(state.uneven.get(topic) ?? 0)}: ${problem}. Mend it: ${cure}`,
    isBlocking: true
  }
}

const settingTrouble = ({ cure, problem }: Finding): LogTrouble => ({
  message: `${problem}. Mend it: ${cure}`,
  isBlocking: false
})

/** What to tell at `now`, the worst first. */
export const troublesOf = (state: Watch, watched: Watched, now: number): ReadonlyArray<LogTrouble> => {
  const { lanes, wanted } = watched
  const uneven = judgePartitions(wanted, state.found, lanes)
  const { complaints, refusals } = judgeAllSettings(wanted, state.found)
  const unreachable = state.unreachable === undefined ? [] : [{
    message: `Kafka at ${wanted.brokers[0]} is out of reach since ${instant(state.unreachable.since)}: ` +
      state.unreachable.reason,
    isBlocking: true
  }]
  return [
    ...unreachable,
    ...uneven.map((finding) => unevenTrouble(finding, state, watched)),
    ...[...state.held.values()].filter(({ since }) => now - since >= hangingMillis).map((held) =>
      heldTrouble(held, watched)
    ),
    ...[...refusals, ...complaints].map(settingTrouble)
  ]
}

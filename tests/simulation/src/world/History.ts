/**
 * Everything that was ever written, kept beside the log and never expired: what the checker compares objects with. It
 * also follows the ledger, so that the world can act while a seal is open.
 */
import { LedgerEvent, type Seal, tailnetOfKey } from "@tailrace/domain"
import { type Lane, type LogRecord, type MemoryLog, type Topic, topics } from "@tailrace/log"
import { Option, Schema } from "effect"

export interface Written extends LogRecord {
  /** Simulation time of the write, in milliseconds. */
  readonly at: number
  readonly process: string
  /** Number of the claim that committed it; null: appended. */
  readonly claim: number | null
  /** The lane's last claim when it was written. */
  readonly lastClaim: number
}

export interface LedgerEntry {
  readonly lane: Lane
  readonly event: LedgerEvent
  readonly written: Written
}

const decodeEvent = Schema.decodeUnknownOption(Schema.fromJsonString(LedgerEvent))
const text = new TextDecoder()

export const textOf = (value: Uint8Array | null): string => value === null ? "" : text.decode(value)

export interface Author {
  readonly at: number
  readonly process: string
  readonly claim: number | null
  readonly lastClaim: number
}

export class History {
  readonly ledger: Array<LedgerEntry> = []
  /** Ledger records that are no ledger events. */
  readonly unreadable: Array<Written> = []
  /** Open seal of each leg, named `destination/lane`. */
  readonly openSeals = new Map<string, Seal>()
  /** Destination and lane of each seal ever made. */
  readonly sealOwner = new Map<string, { readonly destination: string; readonly lane: Lane }>()
  /** Cursor of each leg that the ledger names one for, named `destination/lane`. */
  readonly cursors = new Map<string, number>()
  /** Ids of seals that were given up. */
  readonly abandoned = new Set<string>()
  readonly #records: Readonly<Record<Topic, ReadonlyArray<Array<Written>>>>
  readonly #memory: MemoryLog

  constructor(memory: MemoryLog, lanes: number) {
    this.#memory = memory
    const empty = () => Array.from({ length: lanes }, (): Array<Written> => [])
    this.#records = {
      audit: empty(),
      flow: empty(),
      control: empty(),
      ledger: empty(),
      positions: empty(),
      quarantine: empty(),
      secrets: empty()
    }
  }

  records(topic: Topic, lane: Lane): ReadonlyArray<Written> {
    return this.#records[topic][lane] ?? []
  }

  /** Offset of the tailnet's last record on a lane; none: -1. */
  lastOf(topic: Topic, lane: Lane, tailnet: string): number {
    const last = this.records(topic, lane).findLast(({ key }) => key !== null && tailnetOfKey(key) === tailnet)
    return last?.offset ?? -1
  }

  /** Whether some leg of the lane has records behind its cursor, in no seal yet. */
  hasOpenWindow(lane: Lane): boolean {
    const last = Math.max(
      this.records("audit", lane).at(-1)?.offset ?? -1,
      this.records("flow", lane).at(-1)?.offset ?? -1
    )
    for (const [leg, cursor] of this.cursors) {
      if (leg.endsWith(`/${lane}`) && cursor <= last && !this.openSeals.has(leg)) return true
    }
    return false
  }

  /** The lane ends at `to` again: offsets from there on will be given anew. */
  forget(topic: Topic, lane: Lane, to: number): void {
    const kept = this.#records[topic][lane] ?? []
    while ((kept.at(-1)?.offset ?? -1) >= to) kept.pop()
  }

  /** Takes over what stands in the log and not yet here. */
  absorb(lane: Lane, author: Author): void {
    for (const topic of topics) {
      const known = this.#records[topic][lane] ?? []
      const stored = this.#memory.records(topic, lane)
      const last = known.at(-1)?.offset ?? -1
      let first = stored.length
      while (first > 0 && (stored[first - 1]?.offset ?? -1) > last) first--
      for (const record of stored.slice(first)) this.#take(topic, lane, { ...record, ...author })
    }
  }

  #take(topic: Topic, lane: Lane, written: Written): void {
    this.#records[topic][lane]?.push(written)
    if (topic !== "ledger") return
    const event = decodeEvent(textOf(written.value))
    if (Option.isNone(event)) {
      this.unreadable.push(written)
      return
    }
    this.ledger.push({ lane, event: event.value, written })
    this.#fold(lane, event.value)
  }

  #fold(lane: Lane, event: LedgerEvent): void {
    if (!("destination" in event)) return
    const leg = `${event.destination}/${lane}`
    if ("to" in event) this.cursors.set(leg, event.to)
    if (event._tag === "BatchSealed") {
      this.openSeals.set(leg, event.seal)
      this.sealOwner.set(event.seal.id, { destination: event.destination, lane })
    } else if (event._tag === "BatchDelivered" || event._tag === "SealAbandoned") {
      this.openSeals.delete(leg)
      if (event._tag === "SealAbandoned") this.abandoned.add(event.seal)
    }
  }
}

/**
 * The receivers of a simulated world: what each was asked, what it took, and how it behaves. Their clients are in
 * `SimReceivers`, what becomes of one request in `Reception`.
 */
import type { ReceiverLimits } from "@tailrace/destinations"
import type { ReceiverAnswer } from "@tailrace/domain"

/** One record of a request, as the simulation's encoder wrote it. */
export interface Item {
  readonly offset: number
  readonly line: string
}

/** One request from its beginning. Times are simulated milliseconds. */
export interface Send {
  readonly id: number
  readonly process: string
  /** Number of the claim under which the process serves the lane; its sends under one claim are one leg's life. */
  readonly claim: number
  /** Which of all receivers that were ever opened. */
  readonly opened: number
  readonly destination: string
  readonly lane: number
  readonly target: string
  readonly items: ReadonlyArray<Item>
  readonly beganAt: number
  /** Indexes that the receiver took when the request arrived; null: it never did. */
  taken: ReadonlySet<number> | null
  /** What the sender was told, and when; null: nothing, or not yet. */
  answer: ReceiverAnswer | null
  answeredAt: number
  /** When the sender has given it up before it was answered; else never. */
  interruptedAt: number
}

/** A record that a receiver has taken. */
export interface Receipt extends Item {
  readonly at: number
  readonly send: Send
}

/** Words for records that `encode` has refused before anybody was asked. */
export interface Refusal {
  readonly destination: string
  readonly lane: number
  readonly offset: number
  readonly words: string
}

/** `hec`: stops at the first bad record. `bulk`: an answer for each. `plain`: all or nothing. */
export type Style = "hec" | "bulk" | "plain"

/** What an index is made as. */
export interface IndexPlan {
  readonly name: string
  readonly style: Style
  readonly limits: ReceiverLimits
  /** Older records are refused by the encoder; null: there is no such limit. */
  readonly maxAgeMillis: number | null
  /** Larger bodies are answered with 413, which nothing said before; null: there is no such limit. */
  readonly hiddenBytes: number | null
}

export interface Index extends IndexPlan {
  readonly target: string
  /** What its probe finds, and every request must know. */
  readonly scheme: string
  /** Secrets that may not send. Empty: any may. */
  readonly refused: Set<string>
  /** What every request is answered while it lasts. */
  outage: "none" | "error" | "silence"
  /** Time that each request takes, in milliseconds, besides the network. */
  slowness: number
  /** No record is right for it. */
  refusesAll: boolean
  /** Its probe fails, whatever else works. */
  probeFails: boolean
  readonly received: Array<Receipt>
}

const KiB = 1024

const usual: Omit<IndexPlan, "name"> = {
  style: "hec",
  limits: {
    requestBytes: 64 * KiB,
    requestRecords: 100,
    recordBytes: 32 * KiB,
    inFlight: 4,
    codecs: ["none", "gzip", "zstd"]
  },
  maxAgeMillis: null,
  hiddenBytes: null
}

export const indexUrl = "https://index.example"

export class Indexes {
  /** Every request of every process, in the order in which they began. */
  readonly sends: Array<Send> = []
  /** What encoders have refused. */
  readonly refusals: Array<Refusal> = []
  /** Receivers opened so far. */
  opened = 0
  readonly #all = new Map<string, Index>()

  at(target: string): Index {
    return this.#all.get(target) ?? this.make({ ...usual, name: target.slice(indexUrl.length + 1) })
  }

  make(plan: IndexPlan): Index {
    const target = `${indexUrl}/${plan.name}`
    const index: Index = {
      ...plan,
      target,
      scheme: `scheme of ${plan.name}`,
      refused: new Set(),
      outage: "none",
      slowness: 0,
      refusesAll: false,
      probeFails: false,
      received: []
    }
    this.#all.set(target, index)
    return index
  }

  all(): ReadonlyArray<Index> {
    return [...this.#all.values()]
  }

  /** Requests that are neither answered nor given up. */
  underWay(destination: string): ReadonlyArray<Send> {
    return this.sends.filter((send) =>
      send.destination === destination && send.answer === null && send.interruptedAt === Infinity
    )
  }
}

/** The index works again as it was made. */
export const mendIndex = (index: Index): void => {
  index.outage = "none"
  index.slowness = 0
  index.refusesAll = false
  index.probeFails = false
  index.refused.clear()
}

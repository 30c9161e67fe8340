/**
 * One lane of one topic as a broker holds it: sequences and epochs of its producers, doubles within the last five
 * batches, open transactions. As brokers before 3.6 do, it asks nobody whether a transaction is really open.
 */
import { recordAt } from "@tailrace/log"
import { headerBytes, readInt64 } from "../../src/batch/BatchHeader.ts"
import { RecordSetReader } from "../../src/batch/RecordSetReader.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"

interface Recent {
  readonly sequence: number
  readonly count: number
  readonly base: number
}

interface ProducerState {
  epoch: number
  recent: Array<Recent>
}

export interface StoredRecord {
  readonly offset: number
  readonly text: string
  readonly producerId: number
  /** `plain`: outside of transactions. */
  fate: "plain" | "open" | "committed" | "aborted"
}

export interface Appended {
  readonly code: number
  readonly base: number
}

const headOf = (batch: Buffer) => ({
  isTransactional: (batch.readInt16BE(21) & 0x10) !== 0,
  producerId: readInt64(batch, 43),
  epoch: batch.readInt16BE(51),
  sequence: batch.readInt32BE(53),
  count: batch.readInt32BE(57)
})

const decoder = new TextDecoder()

/** The values as texts, by the reader of this package: it checks the CRC. */
const textsOf = (batch: Buffer): ReadonlyArray<string> => {
  const reader = new RecordSetReader({ topic: "flow", lane: 0 })
  reader.load({ bytes: batch, from: 0, aborted: [] })
  const texts: Array<string> = []
  for (let part = reader.next(); part !== undefined; part = reader.next()) {
    if ("_tag" in part) throw new Error(part.reason)
    for (let index = 0; index < part.count; index++) {
      texts.push(decoder.decode(recordAt(part, index).value ?? new Uint8Array()))
    }
  }
  return texts
}

export class ModelLane {
  readonly records: Array<StoredRecord> = []
  readonly maxBatchBytes: number
  next = 0
  private readonly producers = new Map<number, ProducerState>()

  constructor(maxBatchBytes = 2_097_152) {
    this.maxBatchBytes = maxBatchBytes
  }

  append(batch: Buffer): Appended {
    const { count, epoch, isTransactional, producerId, sequence } = headOf(batch)
    if (batch.length > this.maxBatchBytes || batch.length < headerBytes) {
      return { code: ErrorCode.MESSAGE_TOO_LARGE, base: -1 }
    }
    const state = this.producers.get(producerId) ?? { epoch: -1, recent: [] }
    if (epoch < state.epoch) return { code: ErrorCode.INVALID_PRODUCER_EPOCH, base: -1 }
    const double = epoch === state.epoch ? state.recent.find(isSame(sequence, count)) : undefined
    if (double !== undefined) return { code: ErrorCode.NONE, base: double.base }
    if (sequence !== this.expected(state, epoch)) return { code: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, base: -1 }
    const base = this.store(textsOf(batch), producerId, isTransactional ? "open" : "plain")
    const recent = epoch === state.epoch ? state.recent : []
    this.producers.set(producerId, { epoch, recent: [...recent, { sequence, count, base }].slice(-5) })
    return { code: ErrorCode.NONE, base }
  }

  /** The end of a transaction; from now on earlier epochs are refused. */
  mark(producerId: number, epoch: number, isCommit: boolean): void {
    for (const record of this.records) {
      if (record.producerId === producerId && record.fate === "open") record.fate = isCommit ? "committed" : "aborted"
    }
    this.next += 1
    const state = this.producers.get(producerId)
    if (state?.epoch !== epoch) this.producers.set(producerId, { epoch, recent: [] })
  }

  /** Forgets all producers, as retention and lost ends do. */
  forget(): void {
    this.producers.clear()
  }

  /** What a reader of committed records sees once nothing is open. */
  get texts(): ReadonlyArray<string> {
    return this.records.filter(({ fate }) => fate === "plain" || fate === "committed").map(({ text }) => text)
  }

  get isOpen(): boolean {
    return this.records.some(({ fate }) => fate === "open")
  }

  private expected({ epoch: known, recent }: ProducerState, epoch: number): number {
    const last = recent.at(-1)
    return epoch > known || last === undefined ? 0 : (last.sequence + last.count) % 2 ** 31
  }

  private store(texts: ReadonlyArray<string>, producerId: number, fate: StoredRecord["fate"]): number {
    const base = this.next
    for (const text of texts) {
      this.records.push({ offset: this.next, text, producerId, fate })
      this.next += 1
    }
    return base
  }
}

const isSame = (sequence: number, count: number) => (recent: Recent): boolean =>
  recent.sequence === sequence && recent.count === count

/** The coordinator of transactions as Kafka's `TransactionCoordinator` acts for clients of before 2.5. */
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import type { ModelLane } from "./ModelLane.ts"

interface Transaction {
  readonly producerId: number
  epoch: number
  state: "Empty" | "Ongoing" | "PrepareCommit" | "PrepareAbort" | "CompleteCommit" | "CompleteAbort"
  readonly lanes: Set<ModelLane>
  /** Calls until the markers are written. */
  settlesIn: number
}

export interface Initialized {
  readonly code: number
  readonly producerId: number
  readonly epoch: number
}

export class ModelCoordinator {
  /** How many calls it takes until the markers of the next ended transaction are written. */
  markerCalls = 0
  private readonly transactions = new Map<string, Transaction>()
  private nextProducerId = 1000

  /** Time passes for the markers. */
  tick(): void {
    for (const transaction of this.transactions.values()) this.settle(transaction)
  }

  init(id: string | null): Initialized {
    if (id === null) return { code: ErrorCode.NONE, producerId: this.nextProducerId++, epoch: 0 }
    const transaction = this.transactions.get(id) ?? this.begin(id)
    if (transaction.state === "Ongoing") {
      transaction.epoch += 1
      this.prepare(transaction, "PrepareAbort")
    }
    const { producerId } = transaction
    if (transaction.state.startsWith("Prepare")) {
      return { code: ErrorCode.CONCURRENT_TRANSACTIONS, producerId, epoch: -1 }
    }
    transaction.epoch += 1
    transaction.state = "Empty"
    return { code: ErrorCode.NONE, producerId, epoch: transaction.epoch }
  }

  add(id: string, epoch: number, lanes: ReadonlyArray<ModelLane>): number {
    const transaction = this.transactions.get(id)
    if (transaction === undefined) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
    if (transaction.epoch !== epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
    if (transaction.state.startsWith("Prepare")) return ErrorCode.CONCURRENT_TRANSACTIONS
    transaction.state = "Ongoing"
    for (const lane of lanes) transaction.lanes.add(lane)
    return ErrorCode.NONE
  }

  end(id: string, epoch: number, isCommit: boolean): number {
    const transaction = this.transactions.get(id)
    if (transaction === undefined) return ErrorCode.INVALID_PRODUCER_ID_MAPPING
    if (transaction.epoch !== epoch) return ErrorCode.INVALID_PRODUCER_EPOCH
    const word = isCommit ? "Commit" : "Abort"
    if (transaction.state === "Ongoing") {
      this.prepare(transaction, `Prepare${word}`)
      return ErrorCode.NONE
    }
    if (transaction.state === `Prepare${word}`) return ErrorCode.CONCURRENT_TRANSACTIONS
    return transaction.state === `Complete${word}` ? ErrorCode.NONE : ErrorCode.INVALID_TXN_STATE
  }

  private begin(id: string): Transaction {
    const transaction: Transaction = {
      producerId: this.nextProducerId++,
      epoch: -1,
      state: "Empty",
      lanes: new Set(),
      settlesIn: 0
    }
    this.transactions.set(id, transaction)
    return transaction
  }

  private prepare(transaction: Transaction, state: "PrepareAbort" | "PrepareCommit"): void {
    transaction.state = state
    transaction.settlesIn = this.markerCalls
  }

  private settle(transaction: Transaction): void {
    const { epoch, lanes, producerId, state } = transaction
    if (!state.startsWith("Prepare") || transaction.settlesIn-- > 0) return
    const isCommit = state === "PrepareCommit"
    for (const lane of lanes) lane.mark(producerId, epoch, isCommit)
    lanes.clear()
    transaction.state = isCommit ? "CompleteCommit" : "CompleteAbort"
  }
}

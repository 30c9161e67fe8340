/**
 * The one place where a lane's ledger is written: many may ask at once, one commit is under way, and the fold moves on
 * the log's acknowledgement only. A commit that fails ends the lane: what became of it, the next claim reads.
 */
import { LedgerEvent } from "@tailrace/domain"
import type { Fenced, LaneEntry, LaneWriter, LogError } from "@tailrace/log"
import { Deferred, Effect, Queue, Schema } from "effect"
import type { LaneState } from "./LaneState.ts"

interface Request {
  readonly events: ReadonlyArray<LedgerEvent>
  readonly entries: ReadonlyArray<LaneEntry>
  readonly done: Deferred.Deferred<void>
}

export interface LaneLedger {
  readonly state: LaneState
  /**
   * Durable and folded when it returns; the entries travel in the same commit. Interrupting the caller does not
   * interrupt the commit. Does not return if the lane is lost.
   */
  commit(events: ReadonlyArray<LedgerEvent>, entries?: ReadonlyArray<LaneEntry>): Effect.Effect<void>
  /** Writes what was asked for, until a commit fails. */
  readonly run: Effect.Effect<never, Fenced | LogError>
}

const encode = Schema.encodeSync(Schema.fromJsonString(LedgerEvent))
const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(LedgerEvent))
const text = new TextEncoder()

export const ledgerEntry = (event: LedgerEvent): LaneEntry => ({
  topic: "ledger",
  key: "destination" in event ? event.destination : null,
  value: text.encode(encode(event))
})

export const decodeLedgerEvent = (value: Uint8Array) => decode(new TextDecoder().decode(value))

/** Requests merged into one commit, at most. */
const requestsMax = 256

export const makeLaneLedger = Effect.fnUntraced(function*(writer: LaneWriter, state: LaneState) {
  const requests = yield* Queue.bounded<Request>(requestsMax)

  const write = Effect.fnUntraced(function*(batch: ReadonlyArray<Request>) {
    const events = batch.flatMap((request) => request.events)
    const entries = batch.flatMap((request) => request.entries)
    const next = yield* writer.commit([...events.map(ledgerEntry), ...entries])
    for (const event of events) state.apply(event)
    state.next = next.get("ledger") ?? state.next
    for (const request of batch) yield* Deferred.succeed(request.done, undefined)
  })

  const ledger: LaneLedger = {
    state,
    commit: Effect.fnUntraced(function*(events, entries = []) {
      const done = yield* Deferred.make<void>()
      yield* Queue.offer(requests, { events, entries, done })
      yield* Deferred.await(done)
    }),
    run: Effect.forever(Effect.flatMap(Queue.takeAll(requests), write))
  }
  return ledger
})

/** What the ledger says was delivered, while it is written. */
import { LedgerEvent } from "@tailrace/domain"
import { type Chunk, type Lane, Log, recordsOf } from "@tailrace/log"
import { Effect, Option, Schema, Stream } from "effect"

export type Delivered = Extract<LedgerEvent, { readonly _tag: "BatchDelivered" }> & { readonly lane: Lane }

/** Fills up until the scope closes. */
export interface Deliveries {
  readonly all: Array<Delivered>
  /** Of all objects together. */
  records: number
  /** Lanes that a process serves. */
  readonly claimed: Set<Lane>
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(LedgerEvent))

const take = (deliveries: Deliveries, chunk: Chunk): void => {
  for (const { value } of recordsOf(chunk)) {
    const event = Option.getOrUndefined(decode(Buffer.from(value ?? new Uint8Array()).toString()))
    if (event?._tag === "LaneClaimed") deliveries.claimed.add(chunk.lane)
    if (event?._tag !== "BatchDelivered") continue
    deliveries.all.push({ ...event, lane: chunk.lane })
    deliveries.records += event.count
  }
}

export const watchDeliveries = Effect.gen(function*() {
  const log = yield* Log
  const deliveries: Deliveries = { all: [], records: 0, claimed: new Set() }
  for (let lane = 0; lane < log.lanes; lane++) {
    yield* log.follow("ledger", lane, 0).pipe(
      Stream.runForEach((chunk) => Effect.sync(() => take(deliveries, chunk))),
      Effect.orDie,
      Effect.forkScoped
    )
  }
  return deliveries
})

/**
 * Writing and reading `positions`: one snapshot is cut into shards, written in one commit; the newest whole one counts.
 */
import { initialPositions, Positions } from "@tailrace/domain"
import { type Lane, type LaneEntry, Log, LogUnavailable, type Offset, recordsOf } from "@tailrace/log"
import { Effect, Schema } from "effect"
import { readRange } from "../read/readRange.ts"
import { decodeLedgerEvent } from "./LaneLedger.ts"
import { LaneState } from "./LaneState.ts"

/** Grammar of a record of `positions`. `part` is a piece of the JSON text of `Positions`. */
const Shard = Schema.fromJsonString(Schema.Struct({
  snapshot: Schema.String,
  shard: Schema.Int,
  shards: Schema.Int,
  part: Schema.String
}))

const encodeShard = Schema.encodeSync(Shard)
const decodeShard = Schema.decodeUnknownEffect(Shard)
const encodePositions = Schema.encodeSync(Schema.fromJsonString(Positions))
const decodePositions = Schema.decodeUnknownEffect(Schema.fromJsonString(Positions))

/** 256 KiB even if every character takes four bytes. */
const shardCharacters = 64 * 1024

export const snapshotEntries = (positions: Positions, lane: Lane, snapshot: string): ReadonlyArray<LaneEntry> => {
  const text = encodePositions(positions)
  const shards = Math.max(1, Math.ceil(text.length / shardCharacters))
  return Array.from({ length: shards }, (_, shard) => ({
    topic: "positions",
    key: `${lane}/${shard}`,
    value: new TextEncoder().encode(encodeShard({
      snapshot,
      shard,
      shards,
      part: text.slice(shard * shardCharacters, (shard + 1) * shardCharacters)
    }))
  }))
}

const unreadable = (what: string) => (error: { readonly message: string }) =>
  new LogUnavailable({ reason: `${what} cannot be read: ${error.message}` })

/** Text of the newest snapshot that is there as a whole in these records. */
const newestIn = Effect.fnUntraced(function*(lane: Lane, range: { readonly from: Offset; readonly to: Offset }) {
  const values: Array<Uint8Array> = []
  yield* readRange({ topic: "positions", lane, ...range }, (chunk) => {
    for (const record of recordsOf(chunk)) if (record.value !== null) values.push(record.value)
  })
  let parts: Array<string> = []
  let newest: string | undefined
  for (const value of values) {
    const shard = yield* decodeShard(new TextDecoder().decode(value)).pipe(Effect.mapError(unreadable("positions")))
    parts = shard.shard === 0 ? [shard.part] : [...parts, shard.part]
    if (parts.length === shard.shards) newest = parts.join("")
  }
  return newest
})

/** Offsets at the end of the lane in which the newest snapshot is looked for first. */
const firstLook = 32

/** The newest snapshot, looked for from the end: between two compactions, there may be many. */
export const readPositions = Effect.fnUntraced(function*(lane: Lane) {
  const log = yield* Log
  const { earliest, next: to } = yield* log.bounds("positions", lane)
  for (let look = firstLook;; look *= 8) {
    const from = Math.max(earliest, to - look)
    const newest = yield* newestIn(lane, { from, to })
    if (newest !== undefined) return yield* decodePositions(newest).pipe(Effect.mapError(unreadable("positions")))
    if (from === earliest) return initialPositions(log.lanes)
  }
})

/** The lane's state: the snapshot, and every ledger event from there to `to`. */
export const foldLedger = Effect.fnUntraced(function*(lane: Lane, positions: Positions, to: Offset) {
  const log = yield* Log
  const { earliest } = yield* log.bounds("ledger", lane)
  const state = new LaneState({ ...positions, ledger: Math.max(positions.ledger, earliest) })
  const values: Array<Uint8Array> = []
  yield* readRange({ topic: "ledger", lane, from: state.next, to }, (chunk) => {
    for (const record of recordsOf(chunk)) if (record.value !== null) values.push(record.value)
  })
  for (const value of values) {
    state.apply(yield* decodeLedgerEvent(value).pipe(Effect.mapError(unreadable("ledger"))))
  }
  state.next = Math.max(state.next, to)
  return state
})

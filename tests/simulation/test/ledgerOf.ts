/** What both halves of the stand-in read and write: a lane's ledger, and the records that a destination has not got. */
import { type Destination, LedgerEvent, tailnetOfKey, topicOf } from "@tailrace/domain"
import { type Lane, type LaneEntry, Log, type LogRecord, recordsOf } from "@tailrace/log"
import { Effect, Schema, Stream } from "effect"

const encode = Schema.encodeSync(Schema.fromJsonString(LedgerEvent))
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(LedgerEvent))
const text = new TextEncoder()
const read = new TextDecoder()

export const ledgerEntry = (event: LedgerEvent): LaneEntry => ({
  topic: "ledger",
  key: "destination" in event ? event.destination : null,
  value: text.encode(encode(event))
})

export const eventOf = ({ value }: LogRecord): LedgerEvent => decode(read.decode(value ?? new Uint8Array()))

export const readAll = Effect.fnUntraced(function*(topic: "audit" | "flow" | "ledger", lane: Lane, from: number) {
  const log = yield* Log
  const { next } = yield* log.bounds(topic, lane)
  if (from >= next) return []
  const records: Array<LogRecord> = []
  yield* log.follow(topic, lane, from).pipe(
    Stream.takeUntil((chunk) => chunk.next >= next),
    Stream.runForEach((chunk) => Effect.sync(() => void records.push(...recordsOf(chunk))))
  )
  return records
})

/** The destination's records from `cursor` on, or from its start. */
export const readOwn = Effect.fnUntraced(function*(destination: Destination, lane: Lane, cursor: number | undefined) {
  const { logType, start, tailnet } = destination
  const from = cursor ?? (start._tag === "At" ? start.offsets[lane] ?? 0 : 0)
  const all = yield* readAll(topicOf[logType], lane, from)
  return all.filter(({ key }) => tailnetOfKey(key ?? "") === tailnet)
})

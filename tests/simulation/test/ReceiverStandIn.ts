/**
 * The receivers' half of the stand-in: one request at a time, and the cursor moves when each record that was read is
 * taken or refused. Right in calm weather, whatever a receiver refuses, wants again or in smaller pieces, and with
 * `kill -9`.
 */
import { type Receiver, Receivers, type Records } from "@tailrace/destinations"
import { type Destination, isStore, LedgerEvent } from "@tailrace/domain"
import { Secrets } from "@tailrace/event-store"
import type { LaneEntry, LaneWriter, LogRecord } from "@tailrace/log"
import { Clock, Effect, Option } from "effect"
import { ledgerEntry, readOwn } from "./ledgerOf.ts"

export interface Turn {
  readonly writer: LaneWriter
  readonly destination: Destination
  /** `row`: refused one after the other. */
  readonly leg: { cursor: number | undefined; row: number }
}

/** Rule 10's, one after the other. */
const rowMax = 20

/** What a few records of a lane still want. */
interface Work {
  pending: ReadonlyArray<LogRecord>
  readonly refused: Map<number, string>
  readonly leg: Turn["leg"]
  /** Records in a request, at most. */
  most: number
}

const columnsOf = (records: ReadonlyArray<LogRecord>): Records => {
  const values = records.map(({ value }) => value ?? new Uint8Array())
  const ends: Array<number> = []
  for (const { length } of values) ends.push((ends.at(-1) ?? 0) + length)
  return {
    bytes: Buffer.concat(values),
    count: records.length,
    starts: [0, ...ends],
    ends,
    offsets: records.map(({ offset }) => offset)
  }
}

interface Judged {
  readonly sent: ReadonlyArray<LogRecord>
  readonly refused: ReadonlyMap<number, string>
  readonly again: ReadonlyArray<LogRecord>
}

/** Nothing of an answer beyond the limit counts. */
const settle = (work: Work, { again, refused, sent }: Judged): Effect.Effect<void> => {
  const wanted = new Set(again.map(({ offset }) => offset))
  let isBeyond = false
  for (const { offset } of sent) {
    if (wanted.has(offset)) continue
    work.leg.row = refused.has(offset) ? work.leg.row + 1 : 0
    isBeyond ||= work.leg.row > rowMax
  }
  if (isBeyond) return Effect.sleep("1 second")
  const left = new Set(sent.map(({ offset }) => offset).filter((offset) => !wanted.has(offset)))
  for (const [offset, reason] of refused) work.refused.set(offset, reason)
  work.pending = work.pending.filter(({ offset }) => !left.has(offset) && !work.refused.has(offset))
  return again.length === sent.length ? Effect.sleep("100 millis") : Effect.void
}

const request = Effect.fnUntraced(function*(receiver: Receiver, work: Work) {
  const into = new Uint8Array(receiver.limits.requestBytes)
  const looked = work.pending.slice(0, work.most)
  const encoded = receiver.encode(columnsOf(looked), into, yield* Clock.currentTimeMillis)
  const unfit = new Set(encoded.refused.map(({ index }) => index))
  for (const { index, reason } of encoded.refused) work.refused.set(looked[index]?.offset ?? -1, reason)
  work.pending = work.pending.filter(({ offset }) => !work.refused.has(offset))
  const sent = looked.slice(0, encoded.taken).filter((_, index) => !unfit.has(index))
  if (sent.length === 0) return
  const found = yield* receiver.probe("look")
  if (found._tag !== "Usable") return yield* Effect.sleep("1 second")
  const body = into.slice(0, encoded.bytes)
  const answer = yield* receiver.send(
    { body, codec: "none", count: sent.length, contentBytes: body.length },
    found.capabilities
  )
  if (answer._tag === "Accepted") return yield* settle(work, { sent, refused: new Map(), again: [] })
  const refused = new Map<number, string>()
  if (answer._tag === "Partly") {
    for (const { index, reason } of answer.refused) refused.set(sent[index]?.offset ?? -1, reason)
    return yield* settle(work, { sent, refused, again: answer.again.flatMap((index) => sent[index] ?? []) })
  }
  if (answer._tag === "TooLarge" && sent.length === 1) refused.set(sent[0]?.offset ?? -1, answer.message)
  if (answer._tag === "TooLarge") work.most = Math.max(1, Math.floor(sent.length / 2))
  return yield* settle(work, { sent, refused, again: refused.size > 0 ? [] : sent })
})

const isRecord = ({ value }: LogRecord): boolean => {
  const text = new TextDecoder().decode(value ?? new Uint8Array())
  return text.startsWith("{") && text.endsWith("}")
}

const commit = Effect.fnUntraced(function*(turn: Turn, own: ReadonlyArray<LogRecord>, work: Work) {
  const { destination, leg, writer } = turn
  const at = yield* Clock.currentTimeMillis
  const from = leg.cursor ?? own[0]?.offset ?? 0
  const to = (own.at(-1)?.offset ?? 0) + 1
  const event = LedgerEvent.cases.RecordsDelivered.make({
    destination: destination.id,
    from,
    to,
    count: own.length - work.refused.size,
    quarantined: work.refused.size,
    requests: 1,
    failed: 0,
    bytes: 0,
    contentBytes: 0,
    largest: 0,
    configVersion: destination.versions.at(-1)?.version ?? 1,
    at
  })
  const entries = own.filter(({ offset }) => work.refused.has(offset)).map((record): LaneEntry => ({
    topic: "quarantine",
    key: destination.id,
    value: record.value,
    headers: { reason: work.refused.get(record.offset) ?? "", offset: `${record.offset}` }
  }))
  yield* writer.commit([ledgerEntry(event), ...entries])
  leg.cursor = to
})

/** Everything that a receiver has not got yet. */
export const turnOfReceiver = Effect.fnUntraced(function*(turn: Turn) {
  const { destination, leg, writer } = turn
  const version = destination.versions.at(-1)
  if (version === undefined || isStore(version.config)) return
  const own = yield* readOwn(destination, writer.lane, leg.cursor)
  if (own.length === 0) return
  const ref = { tailnet: destination.tailnet, destination: destination.id, version: version.secretVersion }
  const secret = Option.getOrThrow(yield* (yield* Secrets).get(ref))
  const topic = destination.logType === "network" ? "flow" : "audit"
  const context = { destination: destination.id, topic, lane: writer.lane } as const
  const receiver = yield* (yield* Receivers).open(version.config, secret, context)
  const refused = new Map(own.filter((record) => !isRecord(record)).map(({ offset }) => [offset, "no record"]))
  const work: Work = { pending: own.filter(isRecord), refused, leg, most: Infinity }
  while (work.pending.length > 0) yield* request(receiver, work)
  yield* commit(turn, own, work)
})

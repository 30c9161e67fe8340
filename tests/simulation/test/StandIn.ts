/**
 * A consumer small enough to be read at once, to try the harness on: it seals, sends and delivers whole tailnets every
 * few seconds, keeps nothing but the ledger, and gives up a lane at the first error. Right in calm weather, `kill -9`
 * included; it is not meant to survive more.
 */
import { ObjectStores } from "@tailrace/destinations"
import { type Destination, LedgerEvent, type Seal } from "@tailrace/domain"
import { ControlLog, Secrets } from "@tailrace/event-store"
import { type Lane, type LaneWriter, Log, type LogRecord } from "@tailrace/log"
import { Clock, Effect, Layer, Option, Stream } from "effect"
import { createHash } from "node:crypto"
import { eventOf, ledgerEntry, readAll, readOwn } from "./ledgerOf.ts"
import { turnOfReceiver } from "./ReceiverStandIn.ts"

const text = new TextEncoder()
const read = new TextDecoder()

interface Leg {
  cursor: number | undefined
  seal: Seal | undefined
  row: number
}

const legsOf = (records: ReadonlyArray<LogRecord>): Map<string, Leg> => {
  const legs = new Map<string, Leg>()
  for (const record of records) {
    const event = eventOf(record)
    if (event._tag !== "BatchSealed" && event._tag !== "BatchDelivered" && event._tag !== "RecordsDelivered") continue
    const leg = legs.get(event.destination) ?? { cursor: undefined, seal: undefined, row: 0 }
    leg.seal = event._tag === "BatchSealed" ? event.seal : undefined
    if (event._tag !== "BatchSealed") leg.cursor = event.to
    legs.set(event.destination, leg)
  }
  return legs
}

const commit = (writer: LaneWriter, event: LedgerEvent) => writer.commit([ledgerEntry(event)])

const bodyOf = (records: ReadonlyArray<LogRecord>): Uint8Array =>
  text.encode(records.map(({ value }) => `${read.decode(value ?? new Uint8Array())}\n`).join(""))

interface Turn {
  readonly writer: LaneWriter
  readonly destination: Destination
  readonly leg: Leg
}

const recordsOfTurn = ({ destination, leg, writer }: Turn) =>
  Effect.map(
    readOwn(destination, writer.lane, leg.seal?.from ?? leg.cursor),
    (all) => all.filter(({ offset }) => offset < (leg.seal?.to ?? Infinity))
  )

const sealNow = (turn: Turn, records: ReadonlyArray<LogRecord>) =>
  Effect.gen(function*() {
    const { destination, writer } = turn
    const [first, last, version] = [records[0], records.at(-1), destination.versions.at(-1)]
    if (first === undefined || last === undefined || version?.config._tag !== "s3") return undefined
    const body = bodyOf(records)
    const at = yield* Clock.currentTimeMillis
    const seal: Seal = {
      id: `${writer.lane}-${destination.id}-${first.offset}`,
      from: first.offset,
      to: last.offset + 1,
      count: records.length,
      contentSha256: createHash("sha256").update(body).digest("hex"),
      contentBytes: body.length,
      skipped: [],
      key: `${version.config.keyPrefix}${String(at).padStart(15, "0")}-${writer.lane}-${destination.id}`,
      target: (yield* ObjectStores).target(version.config),
      codec: "none",
      configVersion: version.version
    }
    yield* commit(writer, LedgerEvent.cases.BatchSealed.make({ destination: destination.id, seal, at }))
    return seal
  })

const turn = (one: Turn) =>
  Effect.gen(function*() {
    const { destination, leg, writer } = one
    const version = destination.versions.at(-1)
    if (version === undefined || version.config._tag !== "s3") return
    const records = yield* recordsOfTurn(one)
    const seal = leg.seal ?? (yield* sealNow(one, records))
    if (seal === undefined) return
    const secret = yield* (yield* Secrets).get({
      tailnet: destination.tailnet,
      destination: destination.id,
      version: version.secretVersion
    })
    const store = yield* (yield* ObjectStores).open(version.config, Option.getOrThrow(secret))
    const { contentBytes, count, from, id, key, to } = seal
    const answer = yield* store.put({
      key,
      body: bodyOf(records),
      contentType: "application/x-ndjson",
      metadata: { seal: id },
      onlyIfAbsent: true
    })
    if (answer._tag !== "Delivered" && answer._tag !== "Taken") return
    const at = yield* Clock.currentTimeMillis
    yield* commit(
      writer,
      LedgerEvent.cases.BatchDelivered.make({
        from,
        to,
        count,
        key,
        contentBytes,
        at,
        seal: id,
        destination: destination.id,
        bytes: contentBytes,
        quarantined: 0,
        attempts: 1,
        configVersion: version.version
      })
    )
    leg.cursor = to
    leg.seal = undefined
  })

const serve = (lane: Lane) =>
  Effect.gen(function*() {
    const log = yield* Log
    const control = yield* ControlLog
    const writer = yield* log.claim(lane)
    const at = yield* Clock.currentTimeMillis
    yield* commit(writer, LedgerEvent.cases.LaneClaimed.make({ process: "stand-in", at }))
    const legs = legsOf(yield* readAll("ledger", lane, 0))
    for (;;) {
      for (const { destinations } of control.tailnets()) {
        for (const destination of destinations.values()) {
          const leg = legs.get(destination.id) ?? { cursor: undefined, seal: undefined, row: 0 }
          legs.set(destination.id, leg)
          yield* Effect.scoped(turn({ writer, destination, leg }))
          yield* Effect.scoped(turnOfReceiver({ writer, destination, leg }))
        }
      }
      yield* Effect.sleep("5 seconds")
    }
  })

export const standIn = Layer.effectDiscard(Effect.gen(function*() {
  const log = yield* Log
  yield* log.owned("stand-in").pipe(
    Stream.runForEach(({ gained }) =>
      Effect.forEach(gained, (lane) => Effect.forkScoped(Effect.scoped(serve(lane))), { discard: true })
    ),
    Effect.forkScoped
  )
}))

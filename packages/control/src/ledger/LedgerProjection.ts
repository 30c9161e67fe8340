/**
 * What delivery did, as the control side reads it: the ledger of every lane folded into figures for each leg. It
 * follows the log and is never asked to do anything; delivery has its own fold and does not know of this one.
 */
import { type DestinationId, isLegEvent, LedgerEvent, type LegEvent } from "@tailrace/domain"
import {
  type Chunk,
  type Lane,
  Log,
  type LogError,
  type LogRecord,
  LogUnavailable,
  type Offset,
  recordsOf
} from "@tailrace/log"
import { Context, Deferred, Effect, Layer, PubSub, Result, Schedule, Schema, Stream } from "effect"
import { evolveFigures, type LegFigures, noFigures } from "./LegFigures.ts"
import { type RecentEvent, remember } from "./RecentEvents.ts"

/** Something that a leg did while this process runs. */
export interface LegNews {
  readonly lane: Lane
  readonly event: LegEvent
}

/** An object that was delivered while this process runs. */
export interface Delivery extends LegNews {
  readonly event: Extract<LegEvent, { readonly _tag: "BatchDelivered" }>
}

const isDelivery = (news: LegNews): news is Delivery => news.event._tag === "BatchDelivered"

/** Events that a slow reader of `events` or `delivered` may be behind before the oldest are dropped. */
const newsKept = 1024

const catchUpTimeout = "10 seconds"
const notCaughtUp = new LogUnavailable({ reason: "the ledger is still being read; try again" })

export class LedgerProjection extends Context.Service<LedgerProjection, {
  /** The legs of a destination that ever did something, by lane. A snapshot. */
  legs(destination: DestinationId): ReadonlyMap<Lane, LegFigures>
  /** The last events of a destination, newest last. */
  recent(destination: DestinationId): ReadonlyArray<RecentEvent>
  /** Waits until the fold has passed each lane's end as it is when called; `LogUnavailable` after ten seconds. */
  readonly caughtUp: Effect.Effect<void, LogError>
  /** Waits for the next change of the fold. Subscribe, look, then wait: `changed` is the one to wait for. */
  readonly changed: () => Effect.Effect<void>
  /** One element for each object delivered from now on; a slow reader misses the oldest. */
  readonly delivered: Stream.Stream<Delivery>
  /** One element for each event of a leg from now on; a slow reader misses the oldest. */
  readonly events: Stream.Stream<LegNews>
}>()("@tailrace/control/LedgerProjection") {
  static readonly layer = Layer.effect(LedgerProjection, Effect.suspend(() => make))
}

interface Folded {
  readonly legs: Map<Lane, LegFigures>
  readonly recent: Array<RecentEvent>
}

/** The fold's state: changed only in `apply`, in one synchronous step for each chunk. */
class Fold {
  readonly byDestination = new Map<DestinationId, Folded>()
  readonly positions: Array<Offset>
  tick = Deferred.makeUnsafe<void>()

  constructor(starts: ReadonlyArray<Offset>) {
    this.positions = [...starts]
  }

  apply(lane: Lane, event: LegEvent): void {
    const known = this.byDestination.get(event.destination) ?? { legs: new Map<Lane, LegFigures>(), recent: [] }
    known.legs.set(lane, evolveFigures(known.legs.get(lane) ?? noFigures, event))
    remember(known.recent, lane, event)
    this.byDestination.set(event.destination, known)
  }

  moved(lane: Lane, next: Offset): void {
    this.positions[lane] = next
    const before = this.tick
    this.tick = Deferred.makeUnsafe<void>()
    Deferred.doneUnsafe(before, Effect.void)
  }
}

const decodeEvent = Schema.decodeUnknownResult(Schema.fromJsonString(LedgerEvent))
const text = new TextDecoder()

const eventOf = (record: LogRecord): LedgerEvent | undefined => {
  const decoded = decodeEvent(record.value === null ? "" : text.decode(record.value))
  return Result.isSuccess(decoded) ? decoded.success : undefined
}

const make = Effect.gen(function*() {
  const log = yield* Log
  const lanes = Array.from({ length: log.lanes }, (_, lane) => lane)
  const bounds = yield* Effect.forEach(lanes, (lane) => log.bounds("ledger", lane))
  const fold = new Fold(bounds.map(({ earliest }) => earliest))
  const news = yield* PubSub.sliding<LegNews>(newsKept)

  const take = (lane: Lane, record: LogRecord) => {
    const event = eventOf(record)
    if (event === undefined) return Effect.logWarning("unknown ledger event", { lane, offset: record.offset })
    if (!isLegEvent(event)) return Effect.void
    fold.apply(lane, event)
    const isLive = record.offset >= (bounds[lane]?.next ?? 0)
    return isLive ? PubSub.publish(news, { lane, event }) : Effect.void
  }
  const takeChunk = (lane: Lane) => (chunk: Chunk) =>
    Effect.forEach(recordsOf(chunk), (record) => take(lane, record), { discard: true }).pipe(
      Effect.andThen(Effect.sync(() => fold.moved(lane, chunk.next)))
    )
  const follow = (lane: Lane) =>
    Effect.suspend(() => log.follow("ledger", lane, fold.positions[lane] ?? 0).pipe(Stream.runForEach(takeChunk(lane))))
      .pipe(
        Effect.tapError((error) => Effect.logWarning(`reading the ledger again: ${error.message}`, { lane })),
        Effect.catchTag("RecordsExpired", ({ earliest }) => Effect.sync(() => fold.moved(lane, earliest))),
        Effect.ignore,
        Effect.repeat(Schedule.spaced("1 second"))
      )
  yield* Effect.forEach(lanes, (lane) => Effect.forkScoped(follow(lane)), { discard: true })

  const passed = Effect.fnUntraced(function*(lane: Lane, end: Offset) {
    while ((fold.positions[lane] ?? 0) < end) yield* Deferred.await(fold.tick)
  })
  return LedgerProjection.of({
    legs: (destination) => new Map(fold.byDestination.get(destination)?.legs),
    recent: (destination) => [...fold.byDestination.get(destination)?.recent ?? []],
    caughtUp: Effect.forEach(
      lanes,
      (lane) => Effect.flatMap(log.bounds("ledger", lane), ({ stable }) => passed(lane, stable)),
      { discard: true, concurrency: "unbounded" }
    ).pipe(Effect.timeoutOrElse({ duration: catchUpTimeout, orElse: () => Effect.fail(notCaughtUp) })),
    changed: () => {
      const { tick } = fold
      return Deferred.await(tick)
    },
    delivered: Stream.fromPubSub(news).pipe(Stream.filter(isDelivery)),
    events: Stream.fromPubSub(news)
  })
})

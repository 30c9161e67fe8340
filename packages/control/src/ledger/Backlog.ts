/**
 * What waits to be delivered on one leg, measured in the log itself: how many records of the tailnet lie between its
 * cursor and the end, and how old the first is. Bounded: a long backlog is sampled and estimated.
 */
import { type LogType, type TailnetName, tailnetOfKey, topicOf } from "@tailrace/domain"
import { type Bounds, type Chunk, type Lane, Log, type LogError, type Offset } from "@tailrace/log"
import { Clock, Context, Effect, Layer, Semaphore, Stream } from "effect"

/** Records looked at for one answer, of whatever tailnet. */
export const maxRecordsScanned = 200_000

/** Quiet legs whose position is remembered, so that others' records are not looked at again and again. */
const maxRemembered = 100_000

export interface Waiting {
  readonly records: number
  /** False: estimated from a sample. */
  readonly isExact: boolean
  /** Epoch milliseconds; null: nothing waits. */
  readonly oldestMillis: number | null
}

export const nothingWaits: Waiting = { records: 0, isExact: true, oldestMillis: null }

export interface LegPosition {
  readonly destination: string
  readonly tailnet: TailnetName
  readonly logType: LogType
  readonly lane: Lane
  readonly cursor: Offset
}

export class Backlog extends Context.Service<Backlog, {
  measure(leg: LegPosition): Effect.Effect<Waiting, LogError>
  /** Until the record of that age is lost to retention, in seconds. */
  secondsUntilLoss(logType: LogType, oldestMillis: number): Effect.Effect<number>
}>()("@tailrace/control/Backlog") {
  static readonly layer = Layer.effect(Backlog, Effect.suspend(() => make))
}

interface Scan {
  readonly records: number
  readonly scanned: number
  readonly oldestMillis: number | null
  readonly next: Offset
}

const scanChunk = (scan: Scan, chunk: Chunk, tailnet: TailnetName): Scan => {
  const isOwn = chunk.keys.map((key) => key !== null && tailnetOfKey(key) === tailnet)
  let { oldestMillis, records } = scan
  for (let index = 0; index < chunk.count; index++) {
    if (isOwn[chunk.keyOf[index] ?? 0] !== true) continue
    oldestMillis ??= chunk.times[index] ?? null
    records++
  }
  return { records, oldestMillis, scanned: scan.scanned + chunk.count, next: chunk.next }
}

const waiting = (scan: Scan, from: Offset, end: Offset): Waiting => {
  if (scan.next >= end) return { records: scan.records, isExact: true, oldestMillis: scan.oldestMillis }
  const share = (end - from) / Math.max(1, scan.next - from)
  return { records: Math.round(scan.records * share), isExact: false, oldestMillis: scan.oldestMillis }
}

const make = Effect.gen(function*() {
  const log = yield* Log
  const quietUntil = new Map<string, Offset>()
  const turns = yield* Semaphore.make(2)

  const remember = (leg: LegPosition, next: Offset) => {
    if (quietUntil.size >= maxRemembered) quietUntil.clear()
    quietUntil.set(`${leg.destination}/${leg.lane}`, next)
  }
  const scanFrom = Effect.fnUntraced(function*(leg: LegPosition, from: Offset, { stable }: Bounds) {
    let scan: Scan = { records: 0, scanned: 0, oldestMillis: null, next: from }
    yield* log.follow(topicOf[leg.logType], leg.lane, from).pipe(
      Stream.map((chunk) => (scan = scanChunk(scan, chunk, leg.tailnet))),
      Stream.takeUntil(({ next, scanned }) => next >= stable || scanned >= maxRecordsScanned),
      Stream.runDrain,
      Effect.timeoutOption("3 seconds")
    )
    if (scan.records === 0) remember(leg, scan.next)
    return waiting(scan, from, stable)
  })
  const measure = Effect.fn("Backlog.measure")(function*(leg: LegPosition) {
    const bounds = yield* log.bounds(topicOf[leg.logType], leg.lane)
    const quiet = quietUntil.get(`${leg.destination}/${leg.lane}`) ?? 0
    const from = Math.max(leg.cursor, quiet, bounds.earliest)
    return from >= bounds.stable ? nothingWaits : yield* scanFrom(leg, from, bounds)
  }, (effect) => turns.withPermit(effect))

  return Backlog.of({
    measure,
    secondsUntilLoss: Effect.fnUntraced(function*(logType, oldestMillis) {
      const now = yield* Clock.currentTimeMillis
      return Math.max(0, (oldestMillis + log.retentionMillis[topicOf[logType]] - now) / 1000)
    })
  })
})

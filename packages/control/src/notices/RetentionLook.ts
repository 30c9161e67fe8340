/**
 * Which destinations are near to losing records to retention. Measuring what waits means reading the log, so it is done
 * only for legs in trouble, paused or at work, whose cursor is older than what would be near; quiet legs stand long ago
 * too, but nothing waits for them.
 */
import { type Destination, type DestinationId, type LogType, type TailnetState, topicOf } from "@tailrace/domain"
import { type Lane, laneOf, Log, type Offset } from "@tailrace/log"
import { Clock, Effect } from "effect"
import { Backlog } from "../ledger/Backlog.ts"
import { startOf } from "../ledger/Cursor.ts"
import { LedgerProjection } from "../ledger/LedgerProjection.ts"
import { type LegFigures, noFigures } from "../ledger/LegFigures.ts"
import { leastRetentionLeft } from "./dueNotice.ts"

/** A leg that did something within this time may be one that is slow. */
const workingMillis = 86_400_000

const mayWait = ({ lastActivity, leg }: LegFigures, { paused }: Destination, now: number): boolean =>
  paused || leg.condition._tag !== "Streaming" || (lastActivity !== null && now - lastActivity < workingMillis)

interface Whose {
  readonly tailnet: TailnetState
  readonly destination: Destination
}

/** Looks once at all destinations: the share of the retention that is left, of those that are near its end. */
export const retentionLook = Effect.gen(function*() {
  const log = yield* Log
  const backlog = yield* Backlog
  const ledger = yield* LedgerProjection

  /** Records appended before it are near their loss; asked once for each lane in a look. */
  const nearEnds = () => {
    const known = new Map<string, Offset>()
    return Effect.fnUntraced(function*(logType: LogType, lane: Lane) {
      const topic = topicOf[logType]
      const present = known.get(`${topic}/${lane}`)
      if (present !== undefined) return present
      const now = yield* Clock.currentTimeMillis
      const end = yield* log.offsetAt(topic, lane, now - log.retentionMillis[topic] * (1 - leastRetentionLeft))
      known.set(`${topic}/${lane}`, end)
      return end
    })
  }
  type NearEnd = ReturnType<typeof nearEnds>

  const leftOnLane = Effect.fnUntraced(function*({ destination, tailnet }: Whose, lane: Lane, nearEnd: NearEnd) {
    const figures = ledger.legs(destination.id).get(lane) ?? noFigures
    const now = yield* Clock.currentTimeMillis
    if (!mayWait(figures, destination, now)) return []
    const cursor = figures.leg.cursor ?? startOf({ tailnet, destination, lane, legs: (id) => ledger.legs(id) })
    const { id, logType } = destination
    if (cursor >= (yield* nearEnd(logType, lane))) return []
    const leg = { destination: id, tailnet: tailnet.name, logType, lane, cursor }
    const { oldestMillis } = yield* backlog.measure(leg)
    if (oldestMillis === null) return []
    const seconds = yield* backlog.secondsUntilLoss(logType, oldestMillis)
    return [seconds * 1000 / log.retentionMillis[topicOf[logType]]]
  })

  const left = Effect.fnUntraced(function*({ destination, tailnet }: Whose, nearEnd: NearEnd) {
    if (!Number.isFinite(log.retentionMillis[topicOf[destination.logType]])) return null
    const lanes = new Set([laneOf(tailnet.name, log.lanes), ...ledger.legs(destination.id).keys()])
    const shares = yield* Effect.forEach(lanes, (lane) => leftOnLane({ tailnet, destination }, lane, nearEnd))
    const least = Math.min(...shares.flat())
    return least < leastRetentionLeft ? least : null
  })

  return Effect.fnUntraced(function*(tailnets: Iterable<TailnetState>) {
    const near = new Map<DestinationId, number>()
    const nearEnd = nearEnds()
    for (const tailnet of tailnets) {
      for (const destination of tailnet.destinations.values()) {
        if (destination.deleted) continue
        const share = yield* left({ tailnet, destination }, nearEnd)
        if (share !== null) near.set(destination.id, share)
      }
    }
    return near
  })
})

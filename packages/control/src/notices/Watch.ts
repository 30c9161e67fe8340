/** What a process has to know besides the folds to find out which notices are due: plain state, lost without harm. */
import {
  type Destination,
  type DestinationId,
  isSuspensionTold,
  type NoticeKind,
  type Notices,
  Tailnet,
  type TailnetState
} from "@tailrace/domain"
import type { Lane } from "@tailrace/log"
import type { LegFigures } from "../ledger/LegFigures.ts"
import { dueNotices, type Health } from "./dueNotice.ts"

/** Something to tell. */
export interface Due {
  readonly kind: NoticeKind
  readonly tailnet: TailnetState
  readonly destination: Destination
  readonly health: Health
  readonly told: Notices
}

/** After a notice that nobody took; it doubles up to an hour. */
const firstPauseMillis = 300_000
const longestPauseMillis = 3_600_000

interface Pause {
  readonly until: number
  readonly millis: number
}

const keyOf = ({ destination, kind }: Due): string => `${destination.id}/${kind}`

export class Watch {
  /** Destinations near the end of retention, as they were last measured. */
  near: ReadonlyMap<DestinationId, number> = new Map()
  private readonly wellSince = new Map<DestinationId, number>()
  private readonly pauses = new Map<string, Pause>()
  private readonly legs: (destination: DestinationId) => ReadonlyMap<Lane, LegFigures>

  constructor(legs: (destination: DestinationId) => ReadonlyMap<Lane, LegFigures>) {
    this.legs = legs
  }

  due(tailnets: Iterable<TailnetState>, now: number): ReadonlyArray<Due> {
    return [...tailnets]
      .flatMap((tailnet) => [...tailnet.destinations.values()].flatMap((it) => this.dueOf(tailnet, it, now)))
      .filter((it) => (this.pauses.get(keyOf(it))?.until ?? 0) <= now)
  }

  failed(due: Due, now: number): void {
    const before = this.pauses.get(keyOf(due))?.millis ?? firstPauseMillis / 2
    const millis = Math.min(longestPauseMillis, before * 2)
    this.pauses.set(keyOf(due), { until: now + millis, millis })
  }

  told(due: Due): void {
    this.pauses.delete(keyOf(due))
  }

  private dueOf(tailnet: TailnetState, destination: Destination, now: number): ReadonlyArray<Due> {
    if (destination.deleted) return []
    const told = Tailnet.noticesOf(tailnet, destination.id)
    const health = this.healthOf(destination, isSuspensionTold(told), now)
    return dueNotices(health, told, now).map((kind) => ({ kind, tailnet, destination, health, told }))
  }

  private healthOf({ id, paused }: Destination, isTold: boolean, now: number): Health {
    const since = [...this.legs(id).values()].flatMap(({ leg: { condition } }) =>
      condition._tag === "Suspended" ? [condition.since] : []
    )
    if (!isTold || since.length > 0) this.wellSince.delete(id)
    else if (!this.wellSince.has(id)) this.wellSince.set(id, now)
    return {
      paused,
      suspendedSince: since.length === 0 ? null : Math.min(...since),
      wellSince: this.wellSince.get(id) ?? null,
      retentionLeft: this.near.get(id) ?? null
    }
  }
}

/** How long lanes of lost workers were without an owner, and which kills fell between a seal and its delivery. */
import type { Lane } from "@tailrace/log"
import type { Claim } from "../checker/LedgerStory.ts"
import type { SeenClaim } from "./ClaimWatch.ts"
import type { Kill } from "./Seat.ts"

/** A worker was killed or stood still, and these lanes were its own. */
export interface Loss {
  readonly pid: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly lanes: ReadonlyArray<Lane>
}

export interface WorkerKill extends Kill, Loss {}

/** Epoch milliseconds, from and to. */
export type Span = readonly [from: number, to: number]

const overlap = ([from, to]: Span, [start, end]: Span): number => Math.max(0, Math.min(to, end) - Math.max(from, start))

export interface Takeovers {
  readonly losses: ReadonlyArray<Loss>
  readonly claims: ReadonlyArray<SeenClaim>
  /** While no worker could have claimed anything. */
  readonly brokerDown: ReadonlyArray<Span>
}

/** How long a lane was without an owner. */
export interface Gap {
  readonly lane: Lane
  readonly from: number
  /** Less what the broker was away meanwhile; Infinity: never claimed again. */
  readonly millis: number
  readonly brokerDownMillis: number
}

const gapOf = ({ at, pid }: Loss, lane: Lane, { brokerDown, claims }: Takeovers): Gap => {
  const next = claims.find((claim) => claim.lane === lane && claim.at >= at && claim.pid !== pid)
  const until = next?.at ?? Infinity
  const brokerDownMillis = brokerDown.reduce((sum, down) => sum + overlap([at, until], down), 0)
  return { lane, from: at, millis: until - at - brokerDownMillis, brokerDownMillis }
}

/** One for each lane of each lost worker. */
export const gapsOf = (takeovers: Takeovers): ReadonlyArray<Gap> =>
  takeovers.losses.flatMap((loss) => loss.lanes.map((lane) => gapOf(loss, lane, takeovers)))

/** Kills whose successor found a seal open on one of the lanes. */
export const amidSeal = (
  kills: ReadonlyArray<WorkerKill>,
  claims: ReadonlyArray<Claim>
): ReadonlyArray<WorkerKill> =>
  kills.filter(({ lanes, pid }) =>
    lanes.some((lane) => {
      const ofLane = claims.filter((claim) => claim.lane === lane)
      const last = ofLane.findLastIndex(({ process }) => process.includes(` ${pid} on `))
      return last >= 0 && ofLane[last + 1]?.isAmidSeal === true
    })
  )

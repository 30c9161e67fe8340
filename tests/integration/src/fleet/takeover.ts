/** How long lanes of killed workers were without an owner, and which kills fell between a seal and its delivery. */
import type { Lane } from "@tailrace/log"
import type { Claim } from "../checker/LedgerStory.ts"
import type { SeenClaim } from "./ClaimWatch.ts"
import type { Kill } from "./Seat.ts"

/** A worker was killed, and these lanes were its own. */
export interface WorkerKill extends Kill {
  readonly lanes: ReadonlyArray<Lane>
}

/** Epoch milliseconds, from and to. */
export type Span = readonly [from: number, to: number]

const overlap = ([from, to]: Span, [start, end]: Span): number => Math.max(0, Math.min(to, end) - Math.max(from, start))

export interface Takeovers {
  readonly kills: ReadonlyArray<WorkerKill>
  readonly claims: ReadonlyArray<SeenClaim>
  /** While no worker could have claimed anything. */
  readonly brokerDown: ReadonlyArray<Span>
}

/** Milliseconds for each lane of each killed worker, less what the broker was away; Infinity: never claimed again. */
export const gapsOf = ({ brokerDown, claims, kills }: Takeovers): ReadonlyArray<number> =>
  kills.flatMap((kill) =>
    kill.lanes.map((lane) => {
      const next = claims.find((claim) => claim.lane === lane && claim.at >= kill.at && claim.pid !== kill.pid)
      if (next === undefined) return Infinity
      const gap: Span = [kill.at, next.at]
      return next.at - kill.at - brokerDown.reduce((sum, down) => sum + overlap(gap, down), 0)
    })
  )

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

/** The times of a membership, in milliseconds (docs: "Who owns a lane"). */
import { Clock, Effect } from "effect"

/** Without a heartbeat for so long the coordinator takes a member out; the member has given its lanes up before. */
export const sessionMillis = 6_000
export const heartbeatMillis = 1_500
/** How long the coordinator waits for members to join again. */
export const rebalanceMillis = 10_000

/** Joining and syncing wait at the broker, for others. */
export const joinTimeoutMillis = rebalanceMillis + 5_000
/** Two lost heartbeats fit into a session. */
export const heartbeatTimeoutMillis = 2_000
export const leaveTimeoutMillis = 1_000
/** How long a claim waits for the coordinator to confirm the lane. */
export const confirmationMillis = 10_000

/** Between attempts that fail: a random share of a time that doubles from `first` to `longest`. */
export const backOffMillis = { first: 100, longest: 1_000 } as const

/** For durations: never set back, and goes on while the process is stopped. */
export const monotonicMillis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/**
 * Who takes part in the next Fetch, and how long it may wait. Pure arithmetic over the followers of one fetcher.
 *
 * A Fetch may hold a lane once, so of several followers of a lane those at the same offset share one answer, and the
 * others take turns. Whoever is left out must not have to wait for a long poll that it is not part of.
 */
import type { Offset } from "@tailrace/log"
import type { Follower } from "./Follower.ts"

/** Followers of one lane that are asked for at the same offset. */
export interface Asked {
  readonly first: Follower
  readonly offset: Offset
  readonly followers: ReadonlyArray<{ readonly follower: Follower; readonly placing: number }>
}

export interface Round {
  /** By `topic/lane`, in the order in which the broker shall fill the answer. */
  readonly asked: ReadonlyMap<string, Asked>
  readonly maxWaitMillis: number
}

export interface RoundOptions {
  /** Epoch milliseconds. */
  readonly now: number
  /** How long a poll may wait that leaves nobody out. */
  readonly longestWaitMillis: number
}

const shortestWaitMillis = 10
const longestLeavingOutMillis = 250

/**
 * A follower comes back after at most a quarter of the time that it was away already: at once after a short pause,
 * and one that stands still for minutes does not make the fetcher ask a hundred times a second.
 */
const waitWithout = (follower: Follower, now: number): number => {
  follower.leftOutSince ??= now
  const away = (now - follower.leftOutSince) / 4
  return Math.round(Math.min(longestLeavingOutMillis, Math.max(shortestWaitMillis, away)))
}

const joined = (follower: Follower, offset: Offset, group: Asked | undefined): Asked => {
  const member = { follower, placing: follower.placings }
  if (group === undefined) return { first: follower, offset, followers: [member] }
  return { ...group, followers: [...group.followers, member] }
}

/** The followers come in the order of their last data, longest ago first. */
export const planRound = (followers: Iterable<Follower>, { longestWaitMillis, now }: RoundOptions): Round => {
  const asked = new Map<string, Asked>()
  let maxWaitMillis = longestWaitMillis
  for (const follower of followers) {
    const group = asked.get(follower.id)
    const offset = follower.isReady ? follower.fetchFrom : undefined
    if (offset !== undefined && (group === undefined || group.offset === offset)) {
      asked.set(follower.id, joined(follower, offset, group))
      follower.leftOutSince = undefined
    } else maxWaitMillis = Math.min(maxWaitMillis, waitWithout(follower, now))
  }
  return { asked, maxWaitMillis }
}

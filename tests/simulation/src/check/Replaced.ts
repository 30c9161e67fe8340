/**
 * A lane that was cut off or made anew stops for good, even when it has grown beyond its old end: what lies there now
 * must not be delivered under cursors that were made for something else.
 *
 * What can be demanded: nobody has to notice what nothing durable tells. Positions are written now and then, and name
 * the batch that was read last. As long as the newest of them names a batch that still stands, a new owner sees a
 * healthy lane: what was cut off behind it had been read after that snapshot only. So the demand begins with the first
 * snapshot that names what is no longer there, written before the break (then with the break) or after it (by who had
 * read what was cut off). Who claims the lane from then on writes nothing. Who had claimed it before may write for a
 * little while: answers under way are late by so much at most, and a process that stood still has not looked yet.
 */
import { Exit } from "effect"
import { snapshotsOf } from "../world/Snapshots.ts"
import type { World } from "../world/World.ts"
import type { Report } from "./Legs.ts"

/** Two answers that are late, one after the other, and what is done with them. */
const noticeMillis = 25_000

const isOther = (world: World, lane: number, mark: string): boolean => {
  let other = false
  world.server.fork(world.memory.log.recognizes("audit", lane, mark)).addObserver((exit) => {
    other = Exit.isSuccess(exit) && exit.value === "other"
  })
  return other
}

/** Since when the break can be known to everybody; undefined: it cannot. */
const knownSince = (world: World, lane: number, at: number): number | undefined => {
  const all = snapshotsOf(world, lane)
  const newest = all.findLast((snapshot) => snapshot.at <= at)
  const tells = newest !== undefined && isOther(world, lane, newest.positions.marks.audit)
  if (tells) return at
  return all.find((snapshot) => snapshot.at > at && isOther(world, lane, snapshot.positions.marks.audit))?.at
}

export const checkReplaced = (world: World, report: Report): void => {
  for (const [lane, { at }] of world.broken) {
    const since = knownSince(world, lane, at)
    world.coverage.hit(`fault: break ${since === undefined ? "that nothing durable tells" : "that positions tell"}`)
    if (since === undefined) continue
    const until = Math.max(since, world.thawedAt) + noticeMillis
    for (const { event, written, ...entry } of world.history.ledger) {
      const claimedAt = world.claimedAt.get(`${entry.lane}/${written.claim}`) ?? 0
      if (entry.lane !== lane || (claimedAt <= since && written.at <= until)) continue
      report("replaced", `${event._tag} on lane ${lane} at ${written.at} by ${written.process}, broken at ${at}`)
    }
  }
}

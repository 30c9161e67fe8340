/**
 * Looks after the cluster every half minute: one description, one look at the settings, the bounds of the lanes that
 * others may write to. Cheap enough for any number of processes; what it saw last is told without asking.
 */
import { type Bounds, type LogTrouble, type Topic } from "@tailrace/log"
import { Clock, Effect, Option, Result } from "effect"
import type { LaneBounds } from "../bounds/LaneBounds.ts"
import { findTopics, type Preparing } from "../topics/PrepareTopics.ts"
import type { Found } from "../topics/Judge.ts"
import { type Look, startWatch, troublesOf, watch } from "./Watch.ts"

export interface Watching extends Preparing {
  readonly boundsOnce: LaneBounds["boundsOnce"]
  readonly lanes: number
  /** The topics as found at the start. */
  readonly found: Found
}

const interval = "30 seconds"
/** A lane whose leader does not answer is left out of this look. */
const patience = "10 seconds"
/** Where others than ourselves may hold a transaction open. */
const shared: ReadonlyArray<Topic> = ["audit", "flow"]

const boundsOfLanes = ({ boundsOnce, lanes }: Watching) => {
  const partitions = shared.flatMap((topic) => Array.from({ length: lanes }, (_, lane) => ({ topic, lane })))
  const look = ({ lane, topic }: (typeof partitions)[number]) =>
    boundsOnce(topic, lane).pipe(
      Effect.timeoutOption(patience),
      Effect.map(Option.map((bounds: Bounds) => ({ topic, lane, bounds }))),
      Effect.orElseSucceed(Option.none)
    )
  return Effect.map(
    Effect.forEach(partitions, look, { concurrency: partitions.length }),
    (looks) => looks.flatMap((one) => Option.isSome(one) ? [one.value] : [])
  )
}

const look = Effect.fnUntraced(function*(watching: Watching) {
  const asked = yield* Effect.result(findTopics(watching))
  const isReached = Result.isSuccess(asked)
  const seen: Look = {
    bounds: isReached ? yield* boundsOfLanes(watching) : [],
    found: isReached ? asked.success.found : undefined,
    unreachable: isReached ? undefined : asked.failure.reason,
    now: yield* Clock.currentTimeMillis
  }
  return seen
})

/** `current`: the troubles at present. The watch ends with the scope. */
export const watchCluster = Effect.fnUntraced(function*(watching: Watching) {
  const watched = { wanted: watching.options, lanes: watching.lanes }
  let state = startWatch(watching.found)
  yield* Effect.map(look(watching), (seen) => {
    state = watch(state, seen, watched)
  }).pipe(Effect.delay(interval), Effect.forever, Effect.forkScoped)
  const current: Effect.Effect<ReadonlyArray<LogTrouble>> = Effect.map(
    Clock.currentTimeMillis,
    (now) => troublesOf(state, watched, now)
  )
  return { current }
})

/** What is known outside of the worker about each lane of each topic: its bounds, and who waits for them to change. */
import type { Lane, Offset, Topic } from "@tailrace/log"
import { Deferred, Effect } from "effect"
import type { PlaceBounds } from "./WorkerMessage.ts"

export interface BoardLane {
  earliest: Offset
  /** As committed: everything before it is durable. */
  next: Offset
  changed: Deferred.Deferred<void>
}

export interface LaneBoard {
  /** Dies if there is no such lane. */
  at(topic: Topic, lane: Lane): BoardLane
  update(topic: Topic, lane: Lane, bounds: { readonly earliest?: Offset; readonly next?: Offset }): void
}

const placeOf = (topic: Topic, lane: Lane): string => `${topic}/${lane}`

export const makeLaneBoard = (all: ReadonlyArray<PlaceBounds>): LaneBoard => {
  const lanes = new Map(all.map(({ earliest, lane, next, topic }) => {
    const state: BoardLane = { earliest, next, changed: Deferred.makeUnsafe() }
    return [placeOf(topic, lane), state]
  }))
  const at = (topic: Topic, lane: Lane): BoardLane => {
    const found = lanes.get(placeOf(topic, lane))
    if (found === undefined) throw new RangeError(`the log has no lane ${lane} of ${topic}`)
    return found
  }
  const update: LaneBoard["update"] = (topic, lane, bounds) => {
    const state = at(topic, lane)
    const { changed } = state
    state.earliest = bounds.earliest ?? state.earliest
    state.next = bounds.next ?? state.next
    state.changed = Deferred.makeUnsafe()
    Deferred.doneUnsafe(changed, Effect.void)
  }
  return { at, update }
}

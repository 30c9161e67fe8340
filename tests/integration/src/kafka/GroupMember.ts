/** A process that asks for lanes and does nothing with them, and what it was told of them. */
import type { Lane, Log, Ownership } from "@tailrace/log"
import type { KafkaOptions } from "@tailrace/log-kafka"
import { Clock, Effect, Exit, Scope, Stream } from "effect"
import { openKafkaLog, type ProcessLog } from "./KafkaLog.ts"

export interface Told extends Ownership {
  /** Epoch milliseconds. */
  readonly at: number
}

export interface GroupMember {
  readonly log: Log["Service"]
  /** The lanes it has now, ascending. */
  readonly lanes: () => ReadonlyArray<Lane>
  /** All that it was told, oldest first. */
  readonly told: ReadonlyArray<Told>
  /** Ends as a process that drains does: the group is left. */
  readonly leave: Effect.Effect<void>
}

const recorded = Effect.fnUntraced(function*({ log }: ProcessLog, told: Array<Told>) {
  yield* log.owned("delivery").pipe(
    Stream.runForEach((ownership) =>
      Effect.map(Clock.currentTimeMillis, (at) => {
        told.push({ ...ownership, at })
      })
    ),
    Effect.forkScoped
  )
})

const lanesOf = (told: ReadonlyArray<Ownership>): ReadonlyArray<Lane> => {
  const lanes = new Set<Lane>()
  for (const { gained, lost } of told) {
    lost.forEach((lane) => lanes.delete(lane))
    gained.forEach((lane) => lanes.add(lane))
  }
  return [...lanes].sort((one, other) => one - other)
}

/** Member of the group of the prefix until it leaves, at the latest with the scope. */
export const joinGroup = Effect.fn("joinGroup")(
  function*(where: Pick<KafkaOptions, "brokers" | "prefix"> & Partial<KafkaOptions>) {
    const scope = yield* Scope.fork(yield* Effect.scope)
    const told: Array<Told> = []
    const opened = yield* Scope.provide(Effect.tap(openKafkaLog(where), (process) => recorded(process, told)), scope)
    const member: GroupMember = {
      log: opened.log,
      lanes: () => lanesOf(told),
      told,
      leave: Scope.close(scope, Exit.void)
    }
    return member
  }
)

/**
 * All tailnets as folded by this process, who wants to hear of changes, and whose commands are under way. Everything
 * is synchronous: between two effects nobody sees half a change.
 */
import { type ControlRecord, Tailnet, type TailnetName, type TailnetState } from "@tailrace/domain"
import { type Lane, laneOf, type LogRecord, type Offset } from "@tailrace/log"
import { Effect, Latch, Result } from "effect"
import { decodeControlRecord, UnknownControlRecord } from "./ControlCodec.ts"

/** Names of tailnets that changed since they were last taken; merged, so it is no longer than the list of tailnets. */
interface Subscriber {
  dirty: Set<TailnetName>
  readonly latch: Latch.Latch
}

interface TakenAt {
  readonly offset: Offset
  readonly state: TailnetState
}

const awaitedKey = ({ commandId, tailnet }: Pick<ControlRecord, "commandId" | "tailnet">) => `${tailnet}\n${commandId}`

const takeDirty = (subscriber: Subscriber): Effect.Effect<ReadonlySet<TailnetName>> =>
  Effect.suspend(() => {
    if (subscriber.dirty.size === 0) return Effect.flatMap(subscriber.latch.await, () => takeDirty(subscriber))
    const taken = subscriber.dirty
    subscriber.dirty = new Set()
    subscriber.latch.closeUnsafe()
    return Effect.succeed(taken)
  })

export const makeTailnetFolds = (lanes: number) => {
  const folds = new Map<TailnetName, Tailnet.TailnetFold>()
  const subscribers = new Set<Subscriber>()
  /** Commands that this process waits for, and the record of each that was taken: maybe another process's. */
  const awaited = new Map<string, TakenAt | undefined>()

  const tell = (name: TailnetName): void => {
    for (const { dirty, latch } of subscribers) {
      dirty.add(name)
      latch.openUnsafe()
    }
  }

  const fold = (taken: Tailnet.Taken): void => {
    const { offset, record } = taken
    const after = Tailnet.take(folds.get(record.tailnet), taken)
    if (after === undefined) return
    folds.set(record.tailnet, after)
    const key = awaitedKey(record)
    if (awaited.has(key)) awaited.set(key, { offset, state: after.state })
    tell(record.tailnet)
  }

  return {
    get: (name: TailnetName): Tailnet.TailnetFold | undefined => folds.get(name),
    states: (): Iterable<TailnetState> => [...folds.values()].map(({ state }) => state),
    apply: (lane: Lane, logRecord: LogRecord): Result.Result<void, UnknownControlRecord> => {
      const { offset } = logRecord
      const decoded = decodeControlRecord(lane, logRecord)
      if (Result.isFailure(decoded)) return Result.fail(decoded.failure)
      const record = decoded.success
      if (laneOf(record.tailnet, lanes) !== lane) {
        return Result.fail(new UnknownControlRecord({ lane, offset, reason: "it is not on its tailnet's lane" }))
      }
      return Result.succeed(fold({ record, lane, offset }))
    },
    /**
     * Remembers the tailnet right after the command, from now on until released; answers it for the record at an
     * offset. Two processes may append the same command: only one of their records is taken.
     */
    watch: (command: Pick<ControlRecord, "commandId" | "tailnet">) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          awaited.set(awaitedKey(command), undefined)
          return (at: Offset): TailnetState | undefined => {
            const taken = awaited.get(awaitedKey(command))
            return taken?.offset === at ? taken.state : undefined
          }
        }),
        () => Effect.sync(() => awaited.delete(awaitedKey(command)))
      ),
    subscribe: Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => {
          const subscriber: Subscriber = { dirty: new Set(), latch: Latch.makeUnsafe(false) }
          subscribers.add(subscriber)
          return subscriber
        }),
        (subscriber) => Effect.sync(() => subscribers.delete(subscriber))
      ),
      (subscriber) => ({ take: takeDirty(subscriber) })
    )
  }
}

export type TailnetFolds = ReturnType<typeof makeTailnetFolds>

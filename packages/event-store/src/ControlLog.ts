/**
 * The control log as its users see it: the folded state of every tailnet, and the one way to change it. It is not for
 * delivery's own history (that is the ledger), and nobody but this service writes to `control`.
 */
import type { CommandEnvelope, Refusal, TailnetName, TailnetState } from "@tailrace/domain"
import { type Lane, Log, type LogError, type Offset } from "@tailrace/log"
import { Context, Effect, Layer, RcMap, type Scope, Semaphore } from "effect"
import type { UnknownControlRecord } from "./ControlCodec.ts"
import { execute, type Executed } from "./Execution.ts"
import { makeLaneFold } from "./LaneFold.ts"
import { makeTailnetFolds } from "./TailnetFolds.ts"

export type { Executed } from "./Execution.ts"

export class ControlLog extends Context.Service<ControlLog, {
  /** The tailnet as folded so far; a snapshot that never changes. */
  tailnet(name: TailnetName): TailnetState | undefined
  /** All tailnets as folded so far. */
  readonly tailnets: () => Iterable<TailnetState>
  /** Offset of the first control record of the lane that is not folded yet. */
  folded(lane: Lane): Offset
  /** Waits until the fold has passed each lane's `next` as it is when called: a client sees its own writes. */
  readonly caughtUp: Effect.Effect<void, LogError>
  /**
   * Names of tailnets that changed since the last `take`, which waits until there is one. Changes are merged, so a slow
   * subscriber holds nobody up: read the state anew. Subscribe first, then read.
   */
  readonly changes: Effect.Effect<
    { readonly take: Effect.Effect<ReadonlySet<TailnetName>> },
    never,
    Scope.Scope
  >
  /**
   * Decides on the folded state, appends under the expected version, waits for the fold, and decides again if another
   * command was first (at most 8 times, then `Conflict`). The same command id twice: the first result again, as long as
   * it is among the tailnet's last 1,000. A command that changes nothing has no events and leaves no trace.
   */
  execute(command: CommandEnvelope): Effect.Effect<Executed, Refusal | LogError>
  /**
   * Fails when the fold has stopped for good: a record that this release cannot read, or a truncated topic. From then
   * on `caughtUp` and `execute` fail as well; the process is to end with this error's sentence.
   */
  readonly failed: Effect.Effect<never, UnknownControlRecord | LogError>
}>()("@tailrace/event-store/ControlLog") {
  /** Follows every lane of `control` from its beginning; built once all that was there is folded. */
  static readonly layer: Layer.Layer<ControlLog, UnknownControlRecord | LogError, Log> = Layer.effect(
    ControlLog,
    Effect.gen(function*() {
      const log = yield* Log
      const folds = makeTailnetFolds(log.lanes)
      const lanes = yield* makeLaneFold({ topic: "control", start: () => Effect.succeed(0), apply: folds.apply })
      // One command of a tailnet at a time: within a process nobody loses to their own.
      const turns = yield* RcMap.make<TailnetName, Semaphore.Semaphore, never, never>({
        lookup: () => Semaphore.make(1)
      })
      yield* lanes.firstPass
      return ControlLog.of({
        tailnet: (name) => folds.get(name)?.state,
        tailnets: folds.states,
        folded: (lane) => lanes.folded(lane),
        caughtUp: lanes.caughtUp,
        changes: folds.subscribe,
        failed: lanes.failed,
        execute: Effect.fn("ControlLog.execute")(function*(envelope) {
          const turn = yield* RcMap.get(turns, envelope.tailnet)
          return yield* turn.withPermit(execute({ log, folds, lanes }, envelope))
        }, Effect.scoped)
      })
    })
  )
}

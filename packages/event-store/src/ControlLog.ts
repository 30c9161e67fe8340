/**
 * The control log as its users see it: the folded state of every tailnet, and the one way to change it. It is not for
 * delivery's own history (that is the ledger), and nobody but this service writes to `control`.
 */
import type { CommandEnvelope, ControlEvent, ControlRecord, Refusal, TailnetName, TailnetState } from "@tailrace/domain"
import type { Lane, LogError, Offset } from "@tailrace/log"
import { Context, type Effect, type Scope } from "effect"

/** A record that the fold has taken. */
export interface Applied {
  readonly lane: Lane
  readonly offset: Offset
  readonly record: ControlRecord
}

/** What a command did: its events, and the tailnet right after them. */
export interface Executed {
  readonly events: ReadonlyArray<ControlEvent>
  readonly state: TailnetState
}

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
   * command was first (at most 8 times, then `Conflict`). The same command id twice: the first result again.
   */
  execute(command: CommandEnvelope): Effect.Effect<Executed, Refusal | LogError>
}>()("@tailrace/event-store/ControlLog") {}

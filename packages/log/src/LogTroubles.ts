/** What an operator should know of the log while it works: nothing is lost, but something waits or is not guarded. */
import { Context, Effect } from "effect"
import type { Lane, Topic } from "./Log.ts"

export interface LogTrouble {
  /** Not given where it concerns the whole log. */
  readonly at?: { readonly topic: Topic; readonly lane: Lane }
  /** What is the matter, since when, and the cure: one sentence, no secrets. */
  readonly message: string
  /** True where lanes go unserved because of it: `/readyz` fails. */
  readonly isBlocking: boolean
}

/**
 * Troubles of the log at present; a log that cannot have any need not provide it.
 *
 * @example
 * ```ts
 * const troubles = yield* Effect.flatMap(LogTroubles, ({ current }) => current)
 * ```
 */
export class LogTroubles extends Context.Reference<{
  readonly current: Effect.Effect<ReadonlyArray<LogTrouble>>
  /** What the log guarantees, as found at its start: for people, one line each. */
  readonly guarantees: ReadonlyArray<string>
}>("@tailrace/log/LogTroubles", { defaultValue: () => ({ current: Effect.succeed([]), guarantees: [] }) }) {}

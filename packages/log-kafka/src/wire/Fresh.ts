/**
 * A fact that is asked for when somebody needs it, by one fiber for all who wait, and kept. Who knows that the kept one
 * is no longer true asks for a later one. Not for pacing the asking: that is `Pace`.
 */
import { Deferred, Effect, Exit, type Scope } from "effect"

/** One asking; numbers rise. */
interface Asking<A, E> {
  readonly number: number
  readonly answered: Deferred.Deferred<A, E>
}

export interface Fresh<A, E> {
  /** Number of the next asking: what came before it does not count for who needs this one. */
  readonly next: () => number
  readonly kept: () => A | undefined
  /**
   * The fact of asking `number` or a later one. A failure is everyone's who waited for it, and is not kept.
   * Interrupting who waits never interrupts the asking.
   */
  readonly atLeast: (number: number) => Effect.Effect<A, E>
}

export interface FreshOptions<A, E> {
  readonly ask: Effect.Effect<A, E>
  /** What is answered once the scope is closed. */
  readonly closed: () => E
}

/** The asking runs in this scope. */
export const makeFresh = <A, E>(scope: Scope.Scope, { ask, closed }: FreshOptions<A, E>): Fresh<A, E> => {
  let started = 0
  let kept: { readonly number: number; readonly value: A } | undefined
  let running: Asking<A, E> | undefined
  const settle = ({ answered, number }: Asking<A, E>, exit: Exit.Exit<A, E>): void => {
    running = undefined
    if (Exit.isSuccess(exit)) kept = { number, value: exit.value }
    Deferred.doneUnsafe(answered, exit)
  }
  const start: Effect.Effect<A, E> = Effect.suspend(() => {
    started += 1
    const asking: Asking<A, E> = { number: started, answered: Deferred.makeUnsafe() }
    running = asking
    return ask.pipe(
      Effect.onExit((exit) => Effect.sync(() => settle(asking, Exit.hasInterrupts(exit) ? Exit.fail(closed()) : exit))),
      Effect.forkIn(scope, { startImmediately: true }),
      Effect.andThen(Deferred.await(asking.answered))
    )
  })
  const atLeast = (number: number): Effect.Effect<A, E> =>
    Effect.suspend(() => {
      if (kept !== undefined && kept.number >= number) return Effect.succeed(kept.value)
      if (scope.state._tag === "Closed") return Effect.fail(closed())
      if (running === undefined) return start
      const { answered } = running
      return running.number >= number
        ? Deferred.await(answered)
        : Effect.andThen(Effect.exit(Deferred.await(answered)), atLeast(number))
    })
  return { next: () => started + 1, kept: () => kept?.value, atLeast }
}

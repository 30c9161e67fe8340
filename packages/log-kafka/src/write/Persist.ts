/**
 * Asking again: what may become better by itself is asked until it is answered; a deadline is put around the whole, and
 * tells the last reason. Not for errors that mean something to the caller: those end the asking at once.
 */
import { LogFull, LogUnavailable } from "@tailrace/log"
import { Effect, Random, Schema } from "effect"
import { ErrorCode } from "../wire/ErrorCode.ts"
import { Unreachable } from "../wire/Unreachable.ts"

/** An answer that asks for patience; or none, with code `undefined`. */
export class NotYet extends Schema.TaggedError<NotYet>()("NotYet", {
  reason: Schema.String,
  code: Schema.UndefinedOr(Schema.Int),
  /** The longest pause before it is asked again, in milliseconds. */
  mostMillis: Schema.Int
}) {
  override get message(): string {
    return this.reason
  }
}

const firstMillis = 2
const usualMostMillis = 1000

export const notYet = (reason: string, code: number): NotYet =>
  new NotYet({ reason, code, mostMillis: usualMostMillis })

/** Why the last try failed: for whoever gives up. */
export interface Journal {
  last: NotYet
}

export const makeJournal = (): Journal => ({
  last: new NotYet({ reason: "no broker has answered yet", code: undefined, mostMillis: usualMostMillis })
})

const pause = (journal: Journal, round: number): Effect.Effect<void> =>
  Effect.flatMap(Random.next, (random) => {
    const most = Math.min(journal.last.mostMillis, firstMillis * 2 ** Math.min(round, 16))
    return Effect.sleep(most * (0.5 + random / 2))
  })

/** Never ends while `attempt` answers `NotYet` or cannot be asked; a refused client is told at once. */
export const persist = <A, E>(
  attempt: Effect.Effect<A, E | NotYet | Unreachable>,
  journal: Journal
): Effect.Effect<A, E | LogUnavailable> => {
  const later = (last: NotYet, round: number): Effect.Effect<A, E | LogUnavailable> => {
    journal.last = last
    return Effect.flatMap(pause(journal, round), () => asked(round + 1))
  }
  const asked = (round: number): Effect.Effect<A, E | LogUnavailable> =>
    Effect.catch(attempt, (error): Effect.Effect<A, E | LogUnavailable> => {
      if (error instanceof NotYet) return later(error, round)
      if (!(error instanceof Unreachable)) return Effect.fail(error)
      if (error.isRefusal) return Effect.fail(new LogUnavailable({ reason: error.reason }))
      return later(new NotYet({ reason: error.reason, code: undefined, mostMillis: usualMostMillis }), round)
    })
  return Effect.suspend(() => asked(0))
}

const givenUp = ({ last }: Journal, millis: number): LogFull | LogUnavailable => {
  const reason = `${last.reason} (given up after ${millis / 1000} s)`
  return last.code === ErrorCode.KAFKA_STORAGE_ERROR ? new LogFull({ reason }) : new LogUnavailable({ reason })
}

/** Interrupts `effect` after so long and fails with the journal's last reason. */
export const within = <A, E>(
  effect: Effect.Effect<A, E>,
  millis: number,
  journal: Journal
): Effect.Effect<A, E | LogFull | LogUnavailable> =>
  Effect.timeoutOrElse(effect, { duration: millis, orElse: () => Effect.fail(givenUp(journal, millis)) })

/** Waits for what other processes bring about in their own time; how long is part of the promise. */
import { Effect, Schedule, Schema } from "effect"

export class NeverCame
  extends Schema.TaggedError<NeverCame>()("NeverCame", { what: Schema.String, last: Schema.String })
{
  override get message(): string {
    return `${this.what} did not come; the last that was seen: ${this.last}`
  }
}

export interface Awaited<A> {
  readonly what: string
  readonly seconds: number
  readonly holds: (value: A) => boolean
}

/** Looks every 100 ms until it holds; answers what was seen then. */
export const eventually = <A, E, R>(look: Effect.Effect<A, E, R>, { holds, seconds, what }: Awaited<A>) => {
  let last = "nothing"
  return look.pipe(
    Effect.flatMap((value) => {
      last = JSON.stringify(value)
      return holds(value) ? Effect.succeed(value) : Effect.fail(new NeverCame({ what, last }))
    }),
    Effect.retry({ while: Schema.is(NeverCame), schedule: Schedule.spaced("100 millis") }),
    Effect.timeoutOrElse({
      duration: seconds * 1_000,
      orElse: () => Effect.suspend(() => Effect.fail(new NeverCame({ what, last })))
    })
  )
}

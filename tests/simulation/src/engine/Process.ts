/**
 * One simulated process: fibers on the timeline with a clock, a scheduler and randomness of their own. `kill` is
 * `kill -9`: nothing of it runs any more, no finalizer either. `freeze` is a machine that stands still: nothing runs
 * until `thaw`, while time goes on. What a process does to the world goes through the ports.
 */
import { Clock, Context, Duration, Effect, type Fiber, Random, References, Scheduler } from "effect"
import type { Prng } from "./Prng.ts"
import type { Life, Timeline } from "./Timeline.ts"

/** Wall-clock time at the beginning of every simulation. */
export const epochMillis = Date.UTC(2026, 2, 14, 9, 0, 0)

const nanos = (millis: number): bigint => BigInt(Math.round(millis * 1000)) * 1000n

export class Process implements Life {
  alive = true
  frozen = false
  /** How wrong its wall clock goes, in milliseconds; the monotonic clock does not jump. */
  wallOffset = 0
  readonly name: string
  readonly timeline: Timeline
  readonly context: Context.Context<never>
  readonly #atDeath: Array<() => void> = []

  constructor(name: string, timeline: Timeline, prng: Prng) {
    this.name = name
    this.timeline = timeline
    this.context = Context.empty().pipe(
      Context.add(Clock.Clock, this.#clock()),
      Context.add(Scheduler.Scheduler, this.#scheduler()),
      Context.add(Random.Random, {
        nextDoubleUnsafe: () => prng.next(),
        nextIntUnsafe: () => prng.int(0, 2 ** 32)
      }),
      Context.add(References.TracerEnabled, false),
      Context.add(References.MinimumLogLevel, "None"),
      Context.add(References.UnhandledLogLevel, undefined)
    )
  }

  fork<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    return Effect.runForkWith(this.context)(effect)
  }

  wallMillis(): number {
    return Math.floor(epochMillis + this.timeline.now + this.wallOffset)
  }

  /** What the world does on its side when the process is gone: its connections end. */
  atDeath(run: () => void): void {
    this.#atDeath.push(run)
  }

  kill(): void {
    if (!this.alive) return
    this.alive = false
    for (const run of this.#atDeath) run()
  }

  freeze(): void {
    this.frozen = true
  }

  thaw(): void {
    this.frozen = false
    this.timeline.thaw(this)
  }

  #scheduler(): Scheduler.Scheduler {
    const dispatcher: Scheduler.SchedulerDispatcher = {
      scheduleTask: (task) => this.timeline.soon(this, task),
      flush: () => {}
    }
    return {
      executionMode: "async",
      shouldYield: (fiber) => fiber.currentOpCount >= 2048,
      makeDispatcher: () => dispatcher
    }
  }

  #clock(): Clock.Clock {
    const wall = () => this.wallMillis()
    const wallNanos = () => nanos(epochMillis + this.timeline.now + this.wallOffset)
    const monotonic = () => nanos(this.timeline.now)
    return {
      currentTimeMillisUnsafe: wall,
      currentTimeMillis: Effect.sync(wall),
      currentTimeNanosUnsafe: wallNanos,
      currentTimeNanos: Effect.sync(wallNanos),
      monotonicTimeNanosUnsafe: monotonic,
      monotonicTimeNanos: Effect.sync(monotonic),
      sleep: (duration) => this.sleep(Duration.toMillis(duration))
    }
  }

  sleep(millis: number): Effect.Effect<void> {
    if (!Number.isFinite(millis)) return Effect.never
    return Effect.callback((resume) => {
      const cancel = this.timeline.after(millis, this, () => resume(Effect.void))
      return Effect.sync(cancel)
    })
  }
}

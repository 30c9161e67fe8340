/**
 * What this process may take for its own: the lanes of its last assignment, for as long as the coordinator has
 * acknowledged it within the session time-out (the lease), counted from when the acknowledged question was *sent*: so
 * the lease ends here before it ends there. Talks to nobody; `Membership` tells it what it heard.
 */
import { type Lane, type LogError, LogUnavailable, type Ownership } from "@tailrace/log"
import { Deferred, Effect, Latch } from "effect"
import type { Held } from "./consumerProtocol.ts"
import { confirmationMillis, monotonicMillis, sessionMillis } from "./timing.ts"

/** One question to the coordinator: the how manieth, and when it was sent (monotonic milliseconds). */
export interface Sent {
  readonly number: number
  readonly at: number
}

interface Waiter {
  readonly lane: Lane
  /** Only the answer to a question after this one tells anything. */
  readonly after: number
  readonly confirmed: Deferred.Deferred<void, LogError>
}

const notOurs = (lane: Lane) => new LogUnavailable({ reason: `lane ${lane} is assigned to another process` })

const silent = (lane: Lane) =>
  new LogUnavailable({
    reason: `the group's coordinator has not confirmed within ${confirmationMillis / 1000} s that lane ${lane} is ours`
  })

export class Holding {
  /** The last assignment, whether the lease still holds or not. */
  held: Held = { generation: -1, lanes: [] }
  /** Opened when somebody waits for a confirmation: do not wait until the next heartbeat is due. */
  readonly hurry = Latch.makeUnsafe(false)
  private sends = 0
  private leaseEnd = -Infinity
  private isKnown = false
  private told: ReadonlySet<Lane> | undefined
  private failure: LogError | undefined
  private readonly changed = Latch.makeUnsafe(false)
  private readonly leased = Latch.makeUnsafe(false)
  private readonly waiters = new Set<Waiter>()

  /** To be run directly before a question is sent. */
  readonly sending: Effect.Effect<Sent> = Effect.map(monotonicMillis, (at) => {
    this.hurry.closeUnsafe()
    this.sends += 1
    return { number: this.sends, at }
  })

  /** The coordinator has given us these lanes. */
  assigned(held: Held, sent: Sent): void {
    this.held = held
    this.isKnown = true
    this.acknowledged(sent)
  }

  /** Our generation counts. */
  acknowledged(sent: Sent): void {
    this.renewed(sent)
    for (const waiter of this.waiters) if (waiter.after < sent.number) this.answer(waiter)
  }

  /** Lanes are about to be dealt out anew, but nobody has got ours yet. */
  renewed({ at }: Sent): void {
    this.leaseEnd = Math.max(this.leaseEnd, at + sessionMillis)
    this.changed.openUnsafe()
    this.leased.openUnsafe()
  }

  /** Trying again does not help: every lane is lost, and no lane is confirmed any more. */
  failed(error: LogError): void {
    this.failure = error
    this.leaseEnd = -Infinity
    for (const { confirmed } of this.waiters) Deferred.doneUnsafe(confirmed, Effect.fail(error))
    this.changed.openUnsafe()
  }

  private answer({ confirmed, lane }: Waiter): void {
    Deferred.doneUnsafe(confirmed, this.held.lanes.includes(lane) ? Effect.void : Effect.fail(notOurs(lane)))
  }

  readonly isLeased: Effect.Effect<boolean> = Effect.map(monotonicMillis, (now) => now < this.leaseEnd)

  /** Waits for a lease, then for its end. */
  readonly lapse: Effect.Effect<void> = Effect.suspend(() => this.leased.await).pipe(
    Effect.andThen(Effect.flatMap(monotonicMillis, (now) => Effect.sleep(Math.ceil(Math.max(0, this.leaseEnd - now))))),
    Effect.repeat({ while: () => this.isLeased }),
    Effect.andThen(Effect.sync(() => {
      this.leased.closeUnsafe()
      this.changed.openUnsafe()
    }))
  )

  /** What has changed since the last time; the first time the present lanes, be they none. For one reader. */
  readonly next: Effect.Effect<Ownership, LogError> = Effect.suspend(() => {
    this.changed.closeUnsafe()
    return Effect.flatMap(this.isLeased, (isLeased) => {
      const change = this.isKnown ? this.changeTo(new Set(isLeased ? this.held.lanes : [])) : undefined
      if (change !== undefined) return Effect.succeed(change)
      return this.failure === undefined ? Effect.andThen(this.changed.await, this.next) : Effect.fail(this.failure)
    })
  })

  private changeTo(present: ReadonlySet<Lane>): Ownership | undefined {
    const isFirst = this.told === undefined
    const told = this.told ?? new Set()
    const gained = [...present].filter((lane) => !told.has(lane))
    const lost = [...told].filter((lane) => !present.has(lane))
    this.told = present
    return isFirst || gained.length + lost.length > 0 ? { gained, lost } : undefined
  }

  /** Returns when a question sent after this call has been answered: the lane is ours; and the lease holds. */
  confirm(lane: Lane): Effect.Effect<void, LogError> {
    return Effect.suspend(() => this.ask(lane)).pipe(
      // The answer may have lain here while the process was stopped.
      Effect.repeat({ until: () => this.isLeased }),
      Effect.timeoutOrElse({ duration: confirmationMillis, orElse: () => Effect.fail(silent(lane)) })
    )
  }

  private ask(lane: Lane): Effect.Effect<void, LogError> {
    if (this.failure !== undefined) return Effect.fail(this.failure)
    const waiter: Waiter = { lane, after: this.sends, confirmed: Deferred.makeUnsafe() }
    this.waiters.add(waiter)
    this.hurry.openUnsafe()
    return Effect.ensuring(
      Deferred.await(waiter.confirmed),
      Effect.sync(() => void this.waiters.delete(waiter))
    )
  }
}

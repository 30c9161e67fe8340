/**
 * One membership of one group for as long as its scope: speaks with the coordinator again and again, never gives up,
 * and says what is the matter. A rebalance by itself costs no lane; only another assignment or the lease's end does.
 */
import { type LogTrouble, LogUnavailable } from "@tailrace/log"
import { Clock, Effect, Random, type Scope } from "effect"
import { ErrorCode, errorName, isStaleCoordinator } from "../wire/ErrorCode.ts"
import { Unreachable } from "../wire/Unreachable.ts"
import { Member, type MemberOptions } from "./Member.ts"
import { refusalOf } from "./Refused.ts"
import * as timing from "./timing.ts"

/** So many exchanges in a row must fail before the process's log speaks of it. */
const tellingFailures = 5

/** Codes after which joining (again) is all there is to do: the first time at once. */
const rejoins: ReadonlySet<number> = new Set([
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.UNKNOWN_MEMBER_ID
])

const leaving = (groupId: string) => new LogUnavailable({ reason: `this process is leaving group ${groupId}` })

export class Membership {
  private readonly member: Member
  private failures = 0
  private reason = "it is joining"
  private absentSince: number

  private constructor(member: Member, absentSince: number) {
    this.member = member
    this.absentSince = absentSince
  }

  static readonly make = (options: MemberOptions): Effect.Effect<Membership> =>
    Effect.map(Clock.currentTimeMillis, (now) => new Membership(new Member(options), now))

  /** Joins in the background; leaves when the scope closes. */
  readonly start: Effect.Effect<void, never, Scope.Scope> = Effect.gen({ self: this }, function*() {
    yield* Effect.addFinalizer(() => this.member.leave)
    yield* Effect.forkScoped(this.watchLease)
    yield* Effect.forkScoped(this.run)
    yield* Effect.addFinalizer(() => Effect.sync(() => this.holding.failed(leaving(this.member.options.groupId))))
  })

  get holding() {
    return this.member.holding
  }

  private readonly run: Effect.Effect<void> = Effect.suspend(() => this.member.exchange).pipe(
    Effect.catchTag("Unreachable", (unreachable) => Effect.succeed(unreachable)),
    Effect.flatMap((heard) => heard === ErrorCode.NONE ? this.wentWell : this.wentBadly(heard)),
    Effect.forever,
    Effect.catch((refusal) => {
      this.reason = refusal.reason
      return Effect.sync(() => this.holding.failed(refusal))
    })
  )

  private readonly wentWell: Effect.Effect<void> = Effect.suspend(() => {
    const hasTold = this.failures >= tellingFailures
    this.failures = 0
    this.reason = "the coordinator is silent"
    return hasTold ? Effect.logInfo(`group ${this.member.options.groupId}: a member again`) : Effect.void
  })

  private wentBadly(heard: number | Unreachable): Effect.Effect<void, LogUnavailable> {
    const { groupId } = this.member.options
    const code = heard instanceof Unreachable ? undefined : heard
    const refusal = code === undefined ? undefined : refusalOf(groupId, code)
    if (refusal !== undefined) return Effect.fail(refusal)
    this.failures += 1
    this.reason = heard instanceof Unreachable ? heard.reason : errorName(heard)
    if (code !== undefined && rejoins.has(code) && this.failures === 1) return Effect.void
    const isStale = code === undefined || isStaleCoordinator(code)
    return Effect.all([isStale ? this.member.forgetCoordinator : Effect.void, this.tell, this.backOff], {
      discard: true
    })
  }

  private readonly tell: Effect.Effect<void> = Effect.suspend(() =>
    this.failures === tellingFailures
      ? Effect.logWarning(`group ${this.member.options.groupId}: ${this.reason}; trying again`)
      : Effect.void
  )

  private readonly backOff: Effect.Effect<void> = Effect.flatMap(Random.next, (random) => {
    const { first, longest } = timing.backOffMillis
    return Effect.sleep(Math.round(Math.min(longest, first * 2 ** Math.min(this.failures - 1, 10)) * random))
  })

  private readonly watchLease: Effect.Effect<never> = Effect.suspend(() => this.holding.lapse).pipe(
    Effect.andThen(Clock.currentTimeMillis),
    Effect.flatMap((now) => {
      this.absentSince = now
      const lanes = this.holding.held.lanes.length
      return Effect.logWarning(
        `group ${this.member.options.groupId}: no heartbeat was acknowledged for ${timing.sessionMillis / 1000} s: ` +
          `${lanes} lanes are given up until one is (${this.reason})`
      )
    }),
    Effect.forever
  )

  /** What keeps this process from being a member; `undefined` while it is one. */
  readonly trouble: Effect.Effect<LogTrouble | undefined> = Effect.gen({ self: this }, function*() {
    if (yield* this.holding.isLeased) return undefined
    const seconds = Math.round(((yield* Clock.currentTimeMillis) - this.absentSince) / 1000)
    return {
      message: `this process has not been a member of group ${this.member.options.groupId} for ${seconds} s, and ` +
        `serves no lanes: ${this.reason}; it goes on trying`,
      isBlocking: true
    }
  })
}

/**
 * One process of the group: its own network, which can fail in every way, and its own clock, whose timers stand still
 * while the process is stopped (SIGSTOP) although time goes on.
 */
import type { Lane, LogError } from "@tailrace/log"
import { Clock, Effect, Exit, Latch, Scope, Stream } from "effect"
import { makeMemberships, type Memberships } from "../../src/own/Memberships.ts"
import { Cluster, type Link, type Purpose } from "../../src/wire/Cluster.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import { Unreachable } from "../../src/wire/Unreachable.ts"
import { answerTo, refuse } from "./answerTo.ts"
import type { Coordinator } from "./Coordinator.ts"

/**
 * `silent`: nothing gets through. `deaf`: one question more does, its answer does not; no connection is made after it.
 * `closed`: refused at once.
 */
export type Network = "well" | "silent" | "deaf" | "closed"

const broken = (reason: string) => new Unreachable({ reason: `broker:9092: ${reason}`, isRefusal: false })

const defaultTimeoutMillis = 5_000

/** Of each question and of each answer. */
const delay = Effect.sleep(1)

export class Host {
  network: Network = "well"
  isAlive = true
  isStopped = false
  /** Lanes that this process was told to serve. */
  readonly told = new Set<Lane>()
  /** The elements of its `owned`, as `+gained-lost`. */
  readonly heard: Array<string> = []
  /** What it asked the coordinator for, with the purpose of the link. */
  readonly asked: Array<string> = []
  /** By name of the call, an error code to be answered instead. */
  readonly refusals = new Map<string, number>()
  /** How its `owned` ended. */
  end: Exit.Exit<void, LogError> | undefined
  readonly name: string
  memberships: Memberships | undefined
  private readonly coordinator: Coordinator
  private readonly clock: Clock.Clock
  private readonly running = Latch.makeUnsafe(true)
  private readonly scope = Scope.makeUnsafe()
  private isMoved = false
  private isConnected = true

  private constructor(name: string, coordinator: Coordinator, clock: Clock.Clock) {
    this.name = name
    this.coordinator = coordinator
    this.clock = { ...clock, sleep: (duration) => Effect.andThen(clock.sleep(duration), this.running.await) }
  }

  /** Starts the process with one membership whose changes it follows. */
  static readonly start = Effect.fnUntraced(function*(name: string, coordinator: Coordinator, lanes: number) {
    const host = new Host(name, coordinator, yield* Clock.Clock)
    const memberships = yield* makeMemberships({ prefix: "tailrace", lanes }).pipe(
      Effect.provideService(Cluster, host.cluster)
    )
    host.memberships = memberships
    const follow = Stream.runForEach(memberships.owned("delivery"), ({ gained, lost }) =>
      Effect.sync(() => {
        host.heard.push(`+${gained.join()}-${lost.join()}`)
        lost.forEach((lane) => host.told.delete(lane))
        gained.forEach((lane) => host.told.add(lane))
      }))
    yield* Effect.exit(follow).pipe(
      Effect.map((exit) => void (host.end = exit)),
      Effect.forkIn(host.scope),
      Scope.provide(host.scope),
      Effect.provideService(Clock.Clock, host.clock)
    )
    return host
  })

  /** Whether the process can do something at present. */
  get isWell(): boolean {
    return this.isAlive && !this.isStopped && this.network === "well"
  }

  isMine(memberId: string | undefined): boolean {
    return memberId?.startsWith(`${this.name}-`) ?? false
  }

  mayClaim(lane: Lane): Effect.Effect<void, LogError> {
    return Effect.suspend(() => this.memberships?.mayClaim(lane) ?? Effect.void).pipe(
      Effect.provideService(Clock.Clock, this.clock)
    )
  }

  /** SIGSTOP, and SIGCONT. */
  stop(): void {
    this.isStopped = true
    this.running.closeUnsafe()
  }
  goOn(): void {
    this.isStopped = false
    this.running.openUnsafe()
  }

  /** SIGKILL: no goodbye. */
  readonly kill = Effect.suspend(() => {
    this.isAlive = false
    this.network = "closed"
    this.goOn()
    this.told.clear()
    return Effect.forkDetach(Scope.close(this.scope, Exit.void))
  })

  /** An orderly end. */
  readonly close = Effect.suspend(() =>
    Effect.ensuring(
      Scope.close(this.scope, Exit.void),
      Effect.sync(() => {
        this.isAlive = false
        this.told.clear()
      })
    )
  )

  /** What this process knows of the coordinator is no longer true. */
  moved(): void {
    this.isMoved = true
  }

  private readonly cluster: Cluster["Service"] = Cluster.of({
    any: () => Effect.die("not needed"),
    leader: () => Effect.die("not needed"),
    link: () => Effect.die("not needed"),
    forgetLeader: () => Effect.die("not needed"),
    topicId: () => Effect.die("not needed"),
    describe: Effect.die("not needed"),
    coordinator: (_, purpose) => Effect.succeed(this.link(purpose)),
    forgetCoordinator: () => Effect.sync(() => void (this.isMoved = false))
  })

  private link(purpose: Purpose): Link {
    return {
      address: "broker:9092",
      call: (api, question, timeoutMillis = defaultTimeoutMillis) =>
        Effect.suspend(() => {
          this.asked.push(`${api.name} ${purpose}`)
          const refusal = this.isMoved ? ErrorCode.NOT_COORDINATOR : this.refusals.get(api.name)
          return this.carry(
            refusal === undefined
              ? answerTo(this.coordinator, { api, question, client: this.name })
              : Effect.sync(() => refuse(api, refusal))
          )
        }).pipe(Effect.timeoutOrElse({
          duration: timeoutMillis,
          orElse: () => Effect.fail(broken(`no answer within ${timeoutMillis} ms`))
        }))
    }
  }

  private carry<A>(ask: Effect.Effect<A>): Effect.Effect<A, Unreachable> {
    return Effect.gen({ self: this }, function*() {
      yield* delay
      if (this.network === "closed") return yield* broken("ECONNREFUSED")
      if (this.network === "well") this.isConnected = true
      if (this.network === "silent" || !this.isConnected) return yield* Effect.never
      this.isConnected = this.network !== "deaf"
      const answer = yield* ask
      yield* delay
      if (this.network !== "well") return yield* Effect.never
      yield* this.running.await
      return answer
    })
  }
}

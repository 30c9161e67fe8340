/** Which lanes this process should serve, and whether it may claim one: membership of groups on the ledger's lanes. */
import { type Lane, type LogError, type LogTrouble, type Ownership } from "@tailrace/log"
import { Effect, type Scope, Stream } from "effect"
import { type KafkaOptions, topicName } from "../KafkaOptions.ts"
import { Cluster } from "../wire/Cluster.ts"
import { Membership } from "./Membership.ts"

export interface MembershipsOptions {
  readonly prefix: KafkaOptions["prefix"]
  /** Of every topic. */
  readonly lanes: number
}

export interface Memberships {
  /**
   * As the port says. The membership lasts as long as the caller's scope, even when the stream has ended before: lanes
   * can be drained while they are still ours. The group is left when the scope closes, and others take over at once.
   * A lane that was lost and came back between two pulls is neither. Fails only where trying again does not help, after
   * every lane was told as lost.
   */
  owned(group: string): Stream.Stream<Ownership, LogError, Scope.Scope>
  /**
   * To be asked directly before a claim fences whoever has the lane. Returns when the coordinator has acknowledged,
   * after the call began and less than a session time-out ago, a generation in which the lane is ours; at once where
   * this process is a member of no group. `LogUnavailable` when the lane is another's, or nothing is heard for 10 s.
   */
  mayClaim(lane: Lane): Effect.Effect<void, LogError>
  /** What keeps this process out of its groups. */
  readonly troubles: Effect.Effect<ReadonlyArray<LogTrouble>>
}

/**
 * @example
 * ```ts
 * const memberships = yield* makeMemberships({ prefix: "tailrace", lanes: 12 })
 * yield* memberships.mayClaim(lane).pipe(Effect.andThen(fenceAndClaim(lane)))
 * ```
 */
export const makeMemberships = Effect.fnUntraced(function*({ lanes, prefix }: MembershipsOptions) {
  const cluster = yield* Cluster
  const present = new Set<Membership>()

  const join = Effect.fnUntraced(function*(group: string) {
    const topic = topicName({ prefix }, "ledger")
    const membership = yield* Membership.make({ groupId: `${prefix}.${group}`, topic, lanes, cluster })
    // Runs last: until the group is left no lane may be claimed that others are about to get.
    yield* Effect.addFinalizer(() => Effect.sync(() => present.delete(membership)))
    present.add(membership)
    yield* membership.start
    return Stream.fromEffectRepeat(membership.holding.next)
  })

  const memberships: Memberships = {
    // Not `Stream.unwrap`: the scope is the caller's, not the stream's.
    owned: (group) => Stream.flatMap(Stream.fromEffect(join(group)), (changes) => changes),
    mayClaim: (lane) =>
      Effect.suspend(() => {
        const confirmations = Array.from(present, ({ holding }) => holding.confirm(lane))
        return confirmations.length === 0 ? Effect.void : Effect.raceAll(confirmations)
      }),
    troubles: Effect.suspend(() => Effect.forEach(present, ({ trouble }) => trouble)).pipe(
      Effect.map((troubles) => troubles.filter((trouble) => trouble !== undefined))
    )
  }
  return memberships
})

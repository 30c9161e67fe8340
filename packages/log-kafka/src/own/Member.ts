/**
 * What one member says to its group's coordinator, each exchange by itself: join and sync, heartbeat, leave. Answers
 * are error codes of the protocol; when to speak again is `Membership`'s to decide.
 */
import { Effect } from "effect"
import type { Cluster, Coordinated, Link, Purpose } from "../wire/Cluster.ts"
import { ErrorCode } from "../wire/ErrorCode.ts"
import { Heartbeat } from "../wire/requests/Heartbeat.ts"
import { JoinGroup, type JoinGroupAnswer } from "../wire/requests/JoinGroup.ts"
import { LeaveGroup } from "../wire/requests/LeaveGroup.ts"
import { SyncGroup } from "../wire/requests/SyncGroup.ts"
import type { Unreachable } from "../wire/Unreachable.ts"
import { assign } from "./assign.ts"
import {
  protocolName,
  protocolType,
  readAssignment,
  readHeld,
  writeAssignment,
  writeSubscription
} from "./consumerProtocol.ts"
import { Holding } from "./Holding.ts"
import * as timing from "./timing.ts"

export interface MemberOptions {
  readonly groupId: string
  /** The topic whose partitions are the lanes. */
  readonly topic: string
  readonly lanes: number
  readonly cluster: Cluster["Service"]
}

/** An error code of the protocol; `NONE` where all is well. */
type Code = number

export class Member {
  readonly holding = new Holding()
  readonly options: MemberOptions
  private readonly coordinated: Coordinated
  /** Given by the coordinator; empty until then. */
  private memberId = ""
  private generation = -1
  private mustJoin = true
  private lastSentAt = -Infinity

  constructor(options: MemberOptions) {
    this.options = options
    this.coordinated = { kind: "group", id: options.groupId }
  }

  private link(purpose: Purpose): Effect.Effect<Link, Unreachable> {
    return this.options.cluster.coordinator(this.coordinated, purpose)
  }

  /** The broker that was asked is not, or no longer, the one to ask. */
  readonly forgetCoordinator: Effect.Effect<void> = Effect.suspend(() =>
    this.options.cluster.forgetCoordinator(this.coordinated)
  )

  /** The next thing to say: joins, or waits until a heartbeat is due or wanted, and sends it. */
  readonly exchange: Effect.Effect<Code, Unreachable> = Effect.suspend(() => this.mustJoin ? this.enter : this.beat)
    .pipe(Effect.tap((code) => Effect.sync(() => this.learn(code))))

  private learn(code: Code): void {
    if (code === ErrorCode.UNKNOWN_MEMBER_ID) this.memberId = ""
    if (code === ErrorCode.UNKNOWN_MEMBER_ID || code === ErrorCode.ILLEGAL_GENERATION) this.mustJoin = true
    if (code === ErrorCode.REBALANCE_IN_PROGRESS) this.mustJoin = true
  }

  /** A new member is first told its id, so that no member is counted twice. */
  private readonly enter: Effect.Effect<Code, Unreachable> = Effect.suspend(() => this.join).pipe(
    Effect.filterOrElse((code) => code !== ErrorCode.MEMBER_ID_REQUIRED, () => this.join)
  )

  private readonly join: Effect.Effect<Code, Unreachable> = Effect.gen({ self: this }, function*() {
    const { groupId, topic } = this.options
    const link = yield* this.link("group")
    const joined = yield* link.call(JoinGroup, {
      groupId,
      sessionMillis: timing.sessionMillis,
      rebalanceMillis: timing.rebalanceMillis,
      memberId: this.memberId,
      protocolType,
      protocols: [{ name: protocolName, metadata: writeSubscription(topic, this.holding.held) }]
    }, timing.joinTimeoutMillis)
    const { NONE, MEMBER_ID_REQUIRED } = ErrorCode
    if (joined.errorCode === NONE || joined.errorCode === MEMBER_ID_REQUIRED) this.memberId = joined.memberId
    return joined.errorCode === NONE ? yield* this.sync(link, joined) : joined.errorCode
  })

  /** What the leader hands in; nothing from anybody else. */
  private assignments({ leader, memberId, members }: JoinGroupAnswer) {
    if (leader !== memberId) return []
    const claimants = members.map((member) => ({ memberId: member.memberId, ...readHeld(member.metadata) }))
    return Array.from(assign(claimants, this.options.lanes), ([member, lanes]) => ({
      memberId: member,
      assignment: writeAssignment(this.options.topic, lanes)
    }))
  }

  private sync(link: Link, joined: JoinGroupAnswer): Effect.Effect<Code, Unreachable> {
    return Effect.gen({ self: this }, function*() {
      const { generation, memberId } = joined
      const { groupId } = this.options
      const question = { groupId, generation, memberId, assignments: this.assignments(joined) }
      const sent = yield* this.holding.sending
      const { assignment, errorCode } = yield* link.call(SyncGroup, question, timing.joinTimeoutMillis)
      if (errorCode !== ErrorCode.NONE) return errorCode
      const lanes = readAssignment(assignment)
      if (lanes === undefined) return ErrorCode.INCONSISTENT_GROUP_PROTOCOL
      this.generation = generation
      this.mustJoin = false
      this.lastSentAt = sent.at
      this.holding.assigned({ generation, lanes }, sent)
      return errorCode
    })
  }

  private readonly due: Effect.Effect<void> = Effect.flatMap(timing.monotonicMillis, (now) => {
    const wait = Math.max(0, this.lastSentAt + timing.heartbeatMillis - now)
    return Effect.asVoid(Effect.timeoutOption(this.holding.hurry.await, wait))
  })

  private readonly beat: Effect.Effect<Code, Unreachable> = Effect.gen({ self: this }, function*() {
    yield* this.due
    const link = yield* this.link("group")
    const sent = yield* this.holding.sending
    this.lastSentAt = sent.at
    const question = { groupId: this.options.groupId, generation: this.generation, memberId: this.memberId }
    const { errorCode } = yield* link.call(Heartbeat, question, timing.heartbeatTimeoutMillis)
    if (errorCode === ErrorCode.NONE) this.holding.acknowledged(sent)
    if (errorCode === ErrorCode.REBALANCE_IN_PROGRESS) this.holding.renewed(sent)
    return errorCode
  })

  /** Not by the link of the group: a join may be waiting there. */
  readonly leave: Effect.Effect<void> = Effect.suspend(() =>
    this.memberId === "" ? Effect.void : this.link("ask").pipe(
      Effect.flatMap((link) =>
        link.call(
          LeaveGroup,
          { groupId: this.options.groupId, memberId: this.memberId },
          timing.leaveTimeoutMillis
        )
      ),
      Effect.timeoutOption(timing.leaveTimeoutMillis),
      Effect.interruptible,
      // Nothing is lost but time: the coordinator notices by itself when the session is over.
      Effect.ignore
    )
  )
}

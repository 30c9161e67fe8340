/**
 * A group coordinator as Kafka's classic one is, without the network: states, generations, session and rebalance
 * time-outs, pending members, a fail-over that remembers what was synced last. Time comes from the test.
 */
import { Deferred, Effect } from "effect"
import { readAssignment } from "../../src/own/consumerProtocol.ts"
import { ErrorCode } from "../../src/wire/ErrorCode.ts"
import type { HeartbeatQuestion } from "../../src/wire/requests/Heartbeat.ts"
import type { JoinGroupAnswer, JoinGroupQuestion } from "../../src/wire/requests/JoinGroup.ts"
import type { LeaveGroupQuestion } from "../../src/wire/requests/LeaveGroup.ts"
import type { SyncGroupAnswer, SyncGroupQuestion } from "../../src/wire/requests/SyncGroup.ts"

interface Member {
  readonly id: string
  readonly sessionMillis: number
  readonly rebalanceMillis: number
  metadata: Uint8Array
  seenAt: number
  assignment: Uint8Array
  joining?: Deferred.Deferred<JoinGroupAnswer> | undefined
  syncing?: Deferred.Deferred<SyncGroupAnswer> | undefined
}

/** The coordinator has told this member that these lanes are its own: numbered in the order of what was said. */
export interface Confirmation {
  readonly number: number
  readonly memberId: string
  readonly generation: number
  readonly lanes: ReadonlyArray<number>
}

export const joinError = (errorCode: number, memberId: string): JoinGroupAnswer => ({
  throttleMillis: 0,
  errorCode,
  generation: -1,
  protocol: "",
  leader: "",
  memberId,
  members: []
})

export const syncError = (errorCode: number): SyncGroupAnswer => ({
  throttleMillis: 0,
  errorCode,
  assignment: new Uint8Array()
})

const answered = <A>(answer: A): Deferred.Deferred<A> => {
  const deferred = Deferred.makeUnsafe<A>()
  Deferred.doneUnsafe(deferred, Effect.succeed(answer))
  return deferred
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0

export class Coordinator {
  state: "Empty" | "PreparingRebalance" | "CompletingRebalance" | "Stable" = "Empty"
  generation = 0
  readonly confirmations: Array<Confirmation> = []
  /** Called when a member is taken out because it was silent. */
  onExpiry: (memberId: string) => void = () => {}
  private leader = ""
  private members = new Map<string, Member>()
  private readonly pending = new Map<string, number>()
  private deadline = Infinity
  private made = 0
  /** What a coordinator that takes over finds in the log. */
  private stored: { generation: number; leader: string; members: ReadonlyArray<Member> } | undefined

  get size(): number {
    return this.members.size
  }

  /** Who has the lane by the last assignment; `undefined` while lanes are dealt out and when nobody has. */
  ownerOf(lane: number): string | undefined {
    if (this.state !== "Stable") return undefined
    return Array.from(this.members.values()).find((member) => this.lanesOf(member).includes(lane))?.id
  }

  private lanesOf({ assignment }: Member): ReadonlyArray<number> {
    return readAssignment(assignment) ?? []
  }

  join(question: JoinGroupQuestion, client: string, now: number): Deferred.Deferred<JoinGroupAnswer> {
    const { memberId } = question
    if (memberId === "") {
      const id = `${client}-${++this.made}`
      this.pending.set(id, now + question.sessionMillis)
      return answered(joinError(ErrorCode.MEMBER_ID_REQUIRED, id))
    }
    const member = this.members.get(memberId)
    if (member === undefined && !this.pending.delete(memberId)) {
      return answered(joinError(ErrorCode.UNKNOWN_MEMBER_ID, memberId))
    }
    const metadata = question.protocols[0]?.metadata ?? new Uint8Array()
    if (member === undefined) return this.wait(this.add(question, metadata, now), now)
    const isUnchanged = isSame(member.metadata, metadata)
    member.metadata = metadata
    member.seenAt = now
    const mayStay = this.state === "CompletingRebalance" || (this.state === "Stable" && this.leader !== memberId)
    return isUnchanged && mayStay ? answered(this.joined(member)) : this.wait(member, now)
  }

  private add({ memberId, rebalanceMillis, sessionMillis }: JoinGroupQuestion, metadata: Uint8Array, now: number) {
    const assignment = new Uint8Array()
    const member: Member = { id: memberId, sessionMillis, rebalanceMillis, metadata, seenAt: now, assignment }
    this.members.set(memberId, member)
    return member
  }

  private wait(member: Member, now: number): Deferred.Deferred<JoinGroupAnswer> {
    const joining = Deferred.makeUnsafe<JoinGroupAnswer>()
    member.joining = joining
    this.prepare(now)
    this.completeIfAll(now)
    return joining
  }

  private prepare(now: number): void {
    if (this.state === "PreparingRebalance") return
    if (this.state === "CompletingRebalance") this.refuseSyncs(ErrorCode.REBALANCE_IN_PROGRESS)
    this.state = "PreparingRebalance"
    this.deadline = now + Math.max(...Array.from(this.members.values(), ({ rebalanceMillis }) => rebalanceMillis))
  }

  private refuseSyncs(code: number): void {
    for (const member of this.members.values()) {
      if (member.syncing !== undefined) Deferred.doneUnsafe(member.syncing, Effect.succeed(syncError(code)))
      member.syncing = undefined
    }
  }

  private completeIfAll(now: number): void {
    const all = Array.from(this.members.values())
    if (this.pending.size === 0 && all.every(({ joining }) => joining !== undefined)) this.complete(now)
  }

  private complete(now: number): void {
    for (const member of this.members.values()) if (member.joining === undefined) this.members.delete(member.id)
    this.generation += 1
    this.deadline = Infinity
    if (this.members.size === 0) {
      this.state = "Empty"
      return
    }
    this.state = "CompletingRebalance"
    if (!this.members.has(this.leader)) this.leader = [...this.members.keys()][0] ?? ""
    for (const member of this.members.values()) {
      member.seenAt = now
      if (member.joining !== undefined) Deferred.doneUnsafe(member.joining, Effect.succeed(this.joined(member)))
      member.joining = undefined
    }
  }

  private joined({ id }: Member): JoinGroupAnswer {
    const all = Array.from(this.members.values(), ({ id: memberId, metadata }) => ({ memberId, metadata }))
    return {
      throttleMillis: 0,
      errorCode: ErrorCode.NONE,
      generation: this.generation,
      protocol: "tailrace-sticky",
      leader: this.leader,
      memberId: id,
      members: this.leader === id ? all : []
    }
  }

  sync(question: SyncGroupQuestion, now: number): Deferred.Deferred<SyncGroupAnswer> {
    const member = this.members.get(question.memberId)
    if (member === undefined) return answered(syncError(ErrorCode.UNKNOWN_MEMBER_ID))
    if (question.generation !== this.generation) return answered(syncError(ErrorCode.ILLEGAL_GENERATION))
    if (this.state === "PreparingRebalance") return answered(syncError(ErrorCode.REBALANCE_IN_PROGRESS))
    member.seenAt = now
    if (this.state === "Stable") return answered(this.synced(member))
    const syncing = Deferred.makeUnsafe<SyncGroupAnswer>()
    member.syncing = syncing
    if (this.leader === member.id) this.deal(question, now)
    return syncing
  }

  private deal({ assignments }: SyncGroupQuestion, now: number): void {
    for (const { assignment, memberId } of assignments) {
      const member = this.members.get(memberId)
      if (member !== undefined) member.assignment = assignment
    }
    this.state = "Stable"
    const members = Array.from(this.members.values(), (member) => ({ ...member, syncing: undefined }))
    this.stored = { generation: this.generation, leader: this.leader, members }
    for (const member of this.members.values()) {
      if (member.syncing !== undefined) Deferred.doneUnsafe(member.syncing, Effect.succeed(this.synced(member)))
      member.syncing = undefined
      member.seenAt = now
    }
  }

  private synced(member: Member): SyncGroupAnswer {
    this.confirm(member)
    return { throttleMillis: 0, errorCode: ErrorCode.NONE, assignment: member.assignment }
  }

  private confirm(member: Member): void {
    const { confirmations: { length: number }, generation } = this
    this.confirmations.push({ number, memberId: member.id, generation, lanes: this.lanesOf(member) })
  }

  heartbeat({ generation, memberId }: HeartbeatQuestion, now: number): number {
    const member = this.members.get(memberId)
    if (member === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (generation !== this.generation) return ErrorCode.ILLEGAL_GENERATION
    member.seenAt = now
    if (this.state === "PreparingRebalance") return ErrorCode.REBALANCE_IN_PROGRESS
    this.confirm(member)
    return ErrorCode.NONE
  }

  leave({ memberId }: LeaveGroupQuestion, now: number): number {
    this.pending.delete(memberId)
    if (!this.members.has(memberId)) return ErrorCode.UNKNOWN_MEMBER_ID
    this.remove(memberId, now)
    return ErrorCode.NONE
  }

  private remove(memberId: string, now: number): void {
    this.members.delete(memberId)
    this.prepare(now)
    this.completeIfAll(now)
  }

  /** What the passing of time does. */
  tick(now: number): void {
    for (const [id, until] of this.pending) if (until <= now) this.pending.delete(id)
    for (const { id, joining, seenAt, sessionMillis, syncing } of this.members.values()) {
      if (joining !== undefined || syncing !== undefined || seenAt + sessionMillis > now) continue
      this.onExpiry(id)
      this.remove(id, now)
    }
    if (this.state !== "PreparingRebalance") return
    if (this.deadline <= now) this.complete(now)
    else this.completeIfAll(now)
  }

  /** Another broker coordinates from now on: who waits is told so, and what was not synced is forgotten. */
  failOver(now: number): void {
    this.refuseSyncs(ErrorCode.NOT_COORDINATOR)
    for (const { id, joining } of this.members.values()) {
      if (joining !== undefined) {
        Deferred.doneUnsafe(joining, Effect.succeed(joinError(ErrorCode.NOT_COORDINATOR, id)))
      }
    }
    this.pending.clear()
    this.deadline = Infinity
    this.members = new Map(this.stored?.members.map((member) => [member.id, { ...member, seenAt: now }]))
    for (const member of this.members.values()) member.joining = undefined
    this.generation = this.stored?.generation ?? this.generation
    this.leader = this.stored?.leader ?? ""
    this.state = this.members.size === 0 ? "Empty" : "Stable"
  }
}

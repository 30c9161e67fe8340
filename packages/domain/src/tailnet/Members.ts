/** Members and their roles: exactly one Owner, who cannot be removed; nobody changes their own role. */
import type { ControlEvent } from "../ControlEvent.ts"
import type { Member, TailnetState } from "../TailnetState.ts"
import { isSystem } from "./Authority.ts"
import { conflict, type Decider, type EventOf, forbidden, happen, invalid, notFound, type Taken } from "./Decision.ts"

const noSuchMember = (userId: string) => notFound(`user ${userId} not found`)

export const ownerOf = (state: TailnetState): Member | undefined =>
  [...state.members.values()].find((member) => member.role === "owner")

export const addMember: Decider<"AddMember"> = (state, { _tag, ...member }) => {
  if (member.userId === "") return invalid("userId", "must not be empty")
  if (member.loginName === "") return invalid("loginName", "must not be empty")
  if (member.role === "owner") return invalid("role", "a tailnet has one owner; change the role of a member instead")
  if (state.members.has(member.userId)) return conflict(`user ${member.userId} is a member already`)
  const sameLogin = [...state.members.values()].some(({ loginName }) => loginName === member.loginName)
  if (sameLogin) return conflict(`${member.loginName} is a member already`)
  return happen({ _tag: "MemberAdded", ...member })
}

/** The Owner's own way out of the role: the other becomes Owner, the old one stays as Admin. */
const handOver = (state: TailnetState, userId: string): ReadonlyArray<ControlEvent> => {
  const owner = ownerOf(state)
  const stepDown: ReadonlyArray<ControlEvent> = owner === undefined
    ? []
    : [{ _tag: "MemberRoleChanged", userId: owner.userId, role: "admin" }]
  return [...stepDown, { _tag: "MemberRoleChanged", userId, role: "owner" }]
}

export const changeMemberRole: Decider<"ChangeMemberRole"> = (state, { userId, role }, { actor }) => {
  const member = state.members.get(userId)
  if (member === undefined) return noSuchMember(userId)
  if (actor.type === "USER" && actor.id === userId) return forbidden("nobody may change their own role")
  if (member.role === role) return happen()
  if (member.role === "owner") return forbidden("the owner's role changes only by handing ownership over")
  if (role !== "owner") return happen({ _tag: "MemberRoleChanged", userId, role })
  const isOwner = state.members.get(actor.id)?.role === "owner"
  if (!isSystem(actor) && !isOwner) return forbidden("only the owner may hand ownership over")
  return happen(...handOver(state, userId))
}

export const removeMember: Decider<"RemoveMember"> = (state, { userId }, { actor }) => {
  const member = state.members.get(userId)
  if (member === undefined) return noSuchMember(userId)
  if (member.role === "owner") return forbidden("the owner cannot be removed")
  if (actor.type === "USER" && actor.id === userId) return forbidden("nobody may remove themselves")
  return happen({ _tag: "MemberRemoved", userId })
}

export const memberAdded = (state: TailnetState, { _tag, ...member }: EventOf<"MemberAdded">): TailnetState => ({
  ...state,
  members: new Map(state.members).set(member.userId, member)
})

export const memberRoleChanged = (
  state: TailnetState,
  { userId, role }: EventOf<"MemberRoleChanged">
): TailnetState => {
  const member = state.members.get(userId)
  if (member === undefined) return state
  return { ...state, members: new Map(state.members).set(userId, { ...member, role }) }
}

/** The keys of a removed member end with them, without events of their own (as in Tailscale's audit log). */
export const memberRemoved = (
  state: TailnetState,
  { userId }: EventOf<"MemberRemoved">,
  { record }: Taken
): TailnetState => {
  const members = new Map(state.members)
  members.delete(userId)
  const apiKeys = new Map(state.apiKeys)
  for (const key of state.apiKeys.values()) {
    if (key.userId === userId && key.revokedAt === null) apiKeys.set(key.keyId, { ...key, revokedAt: record.at })
  }
  return { ...state, members, apiKeys }
}

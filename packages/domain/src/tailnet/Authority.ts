/**
 * Who may send which command: the role of the acting member as the tailnet was folded, against one table. Rules that
 * look at the command's target as well (own keys, own role) are in the family's decider.
 */
import type { Actor } from "../Actor.ts"
import type { Command, CommandEnvelope } from "../Command.ts"
import type { Permission } from "../Permission.ts"
import { Forbidden, NotFound, type Refusal } from "../Refusal.ts"
import { may } from "../Role.ts"
import type { TailnetState } from "../TailnetState.ts"

/** `null`: every member may; the decider has its own rule. `CreateTailnet` is for the system alone. */
export const permissionOf: Readonly<Record<Exclude<Command["_tag"], "CreateTailnet">, Permission | null>> = {
  ChangePlan: "billing:write",
  ChangeSettings: "settings:read",
  AddMember: "members:write",
  ChangeMemberRole: "members:write",
  RemoveMember: "members:write",
  CreateApiKey: "keys:write",
  RevokeApiKey: null,
  CreateIngestToken: "keys:write",
  RevokeIngestToken: "keys:write",
  IssueAwsExternalId: "destinations:write",
  CreateDestination: "destinations:write",
  UpdateDestination: "destinations:write",
  PutStream: "destinations:write",
  DeleteDestination: "destinations:write",
  DeleteStream: "destinations:write",
  PauseDestination: "destinations:write",
  ResumeDestination: "destinations:write",
  TestDestination: "destinations:write",
  TakeNotice: "destinations:write",
  NoteNotice: "destinations:write"
}

/** The service itself: bound by plans and invariants, but by no role. */
export const isSystem = (actor: Actor): boolean => actor.type === "AUTOMATED_WORKER" || actor.type === "LOGSTREAM"

/** Whether the actor has the permission in this tailnet: as the system, or by the role of the member it is. */
export const permits = (state: TailnetState, actor: Actor, permission: Permission): boolean => {
  if (isSystem(actor)) return true
  const member = actor.type === "USER" ? state.members.get(actor.id) : undefined
  return member !== undefined && may(member.role, permission)
}

export const lacks = (state: TailnetState, actor: Actor, permission: Permission): Forbidden => {
  const role = state.members.get(actor.id)?.role
  return new Forbidden({
    message: role === undefined
      ? `actors of type ${actor.type} may not do this`
      : `the role ${role} may not do this: it takes ${permission}`
  })
}

/** Why the actor may not send this command; undefined if it may. A stranger is not told that the tailnet exists. */
export const refusalOf = (state: TailnetState, { actor, command }: CommandEnvelope): Refusal | undefined => {
  if (isSystem(actor) || command._tag === "CreateTailnet") return undefined
  if (actor.type === "USER" && !state.members.has(actor.id)) return noSuchTailnet(state.name)
  const permission = permissionOf[command._tag] ?? "settings:read"
  if (permissionOf[command._tag] === null && actor.type === "USER") return undefined
  return permits(state, actor, permission) ? undefined : lacks(state, actor, permission)
}

export const noSuchTailnet = (name: string): NotFound => new NotFound({ message: `tailnet ${name} not found` })

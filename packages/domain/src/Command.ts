/** What somebody may want of a tailnet. Imperative, closed set; ids and times come in with the command. */
import { Schema } from "effect"
import { Actor, Origin } from "./Actor.ts"
import { SettingsChanges } from "./ControlEvent.ts"
import { DestinationConfig } from "./config/index.ts"
import { DestinationId, Start, Upload } from "./Destination.ts"
import { LogType } from "./LogType.ts"
import { Plan } from "./Plan.ts"
import { Role } from "./Role.ts"
import { NoticeKind } from "./Notice.ts"
import { Rules } from "./rules/Rules.ts"
import { TailnetName } from "./TailnetName.ts"

const member = { userId: Schema.String, loginName: Schema.String, displayName: Schema.String, role: Role }
const key = { keyId: Schema.String, hash: Schema.String, description: Schema.String, expiresAt: Schema.Int }
const version = {
  config: DestinationConfig,
  upload: Upload,
  rules: Schema.optionalKey(Rules),
  secretVersion: Schema.String
}

export const Command = Schema.TaggedUnion({
  /** With its Owner and the Owner's first API key. */
  CreateTailnet: { tailnetId: Schema.String, plan: Plan, owner: Schema.Struct(member), apiKey: Schema.Struct(key) },
  ChangePlan: { plan: Plan },
  /** Absent fields are left alone. */
  ChangeSettings: { changes: SettingsChanges },
  AddMember: member,
  ChangeMemberRole: { userId: Schema.String, role: Role },
  RemoveMember: { userId: Schema.String },
  CreateApiKey: { ...key, userId: Schema.String },
  RevokeApiKey: { keyId: Schema.String },
  CreateIngestToken: { tokenId: Schema.String, hash: Schema.String, description: Schema.String },
  RevokeIngestToken: { tokenId: Schema.String },
  /** A reusable one is made only when there is none that is not linked yet. */
  IssueAwsExternalId: { externalId: Schema.String, reusable: Schema.Boolean },
  CreateDestination: { ...version, destination: DestinationId, logType: LogType, name: Schema.String, start: Start },
  UpdateDestination: { ...version, destination: DestinationId },
  /** Tailscale's `PUT …/stream`: creates, updates, or (another type) replaces what is in the fixed slot. */
  PutStream: { ...version, logType: LogType, newDestination: DestinationId, start: Start },
  DeleteDestination: { destination: DestinationId },
  DeleteStream: { logType: LogType },
  PauseDestination: { destination: DestinationId },
  ResumeDestination: { destination: DestinationId },
  TestDestination: { destination: DestinationId, test: Schema.String },
  /** `by` (a process) is about to tell the owner; no events: it is not to. */
  TakeNotice: { destination: DestinationId, kind: NoticeKind, by: Schema.String },
  /** The owner was told. */
  NoteNotice: { destination: DestinationId, kind: NoticeKind }
})
export type Command = typeof Command.Type

/** A command with who, from where and when. The same `commandId` twice has the effect of once. */
export const CommandEnvelope = Schema.Struct({
  tailnet: TailnetName,
  commandId: Schema.String,
  eventGroupID: Schema.String,
  origin: Origin,
  actor: Actor,
  at: Schema.Int,
  command: Command
})
export type CommandEnvelope = typeof CommandEnvelope.Type

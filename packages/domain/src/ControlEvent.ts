/** What can happen in the control log, and the record that carries one command's events. Past tense, closed set. */
import { Schema, Struct } from "effect"
import { Actor, Origin } from "./Actor.ts"
import { DestinationId, DestinationVersion, Start } from "./Destination.ts"
import { LogType } from "./LogType.ts"
import { NoticeKind } from "./Notice.ts"
import { Plan } from "./Plan.ts"
import { Role } from "./Role.ts"
import { TailnetName } from "./TailnetName.ts"

/** Settings of a tailnet that Tailscale's API knows; the stream uses `networkFlowLoggingOn`. */
export const Settings = Schema.Struct({
  aclsExternallyManagedOn: Schema.Boolean,
  aclsExternalLink: Schema.String,
  devicesApprovalOn: Schema.Boolean,
  devicesAutoUpdatesOn: Schema.Boolean,
  devicesKeyDurationDays: Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 180 }))),
  usersApprovalOn: Schema.Boolean,
  usersRoleAllowedToJoinExternalTailnets: Schema.Literals(["none", "admin", "member"]),
  networkFlowLoggingOn: Schema.Boolean,
  regionalRoutingOn: Schema.Boolean,
  postureIdentityCollectionOn: Schema.Boolean,
  httpsEnabled: Schema.Boolean
})
export type Settings = typeof Settings.Type

/** Settings to change; absent ones are left alone. */
export const SettingsChanges = Settings.mapFields(Struct.map(Schema.optionalKey))
export type SettingsChanges = typeof SettingsChanges.Type

const Member = { userId: Schema.String, loginName: Schema.String, displayName: Schema.String, role: Role }

export const ControlEvent = Schema.TaggedUnion({
  TailnetCreated: { tailnetId: Schema.String, plan: Plan },
  PlanChanged: { plan: Plan },
  SettingsChanged: { settings: Settings },
  MemberAdded: Member,
  MemberRoleChanged: { userId: Schema.String, role: Role },
  MemberRemoved: { userId: Schema.String },
  ApiKeyCreated: {
    keyId: Schema.String,
    userId: Schema.String,
    /** SHA-256 of the whole key, hex. The key has 128 random bits or more, so no slow hash is needed. */
    hash: Schema.String,
    description: Schema.String,
    /** Epoch milliseconds. */
    expiresAt: Schema.Int
  },
  ApiKeyRevoked: { keyId: Schema.String },
  IngestTokenCreated: { tokenId: Schema.String, hash: Schema.String, description: Schema.String },
  IngestTokenRevoked: { tokenId: Schema.String },
  /** An external id that this tailnet's roles may ask for; `reusable`: given again until it is linked. */
  AwsExternalIdIssued: { externalId: Schema.String, reusable: Schema.Boolean },
  /** Used for the first time: from now on only with roles of this AWS account. */
  AwsExternalIdLinked: { externalId: Schema.String, account: Schema.String },
  /** Made room for another one; no destination uses it. */
  AwsExternalIdForgotten: { externalId: Schema.String },
  DestinationCreated: {
    destination: DestinationId,
    logType: LogType,
    slot: Schema.NullOr(Schema.Literal("stream")),
    name: Schema.String,
    start: Start,
    version: DestinationVersion
  },
  DestinationUpdated: { destination: DestinationId, version: DestinationVersion },
  DestinationPaused: { destination: DestinationId },
  DestinationResumed: { destination: DestinationId },
  DestinationTestRequested: { destination: DestinationId, test: Schema.String },
  DestinationDeleted: { destination: DestinationId },
  /** A process is about to tell the owner; nobody else does for a while. */
  NoticeTaken: { destination: DestinationId, kind: NoticeKind, by: Schema.String },
  NoticeGiven: { destination: DestinationId, kind: NoticeKind }
})
export type ControlEvent = typeof ControlEvent.Type

/**
 * One record of the topic `control`: the events of one command of one tailnet. The fold takes it only if
 * `expectedVersion` is the tailnet's version (its number of records taken) and `commandId` is new.
 */
export const ControlRecord = Schema.Struct({
  tailnet: TailnetName,
  expectedVersion: Schema.Int,
  commandId: Schema.String,
  /** 32 hex digits, shared by the audit records of one operation. */
  eventGroupID: Schema.String,
  origin: Origin,
  actor: Actor,
  /** Epoch milliseconds. */
  at: Schema.Int,
  events: Schema.Array(ControlEvent)
})
export type ControlRecord = typeof ControlRecord.Type

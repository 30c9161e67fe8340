/**
 * From a control record that counts to the audit records of it: pure, so that whoever owns the lane writes the same.
 * Names of events from Tailscale's audit log (reference: OpenAPI, and captures of the live service).
 */
import type { CommandEnvelope } from "../Command.ts"
import type { ControlEvent } from "../ControlEvent.ts"
import type { Refusal } from "../Refusal.ts"
import type { EventOf, Taken } from "../tailnet/Decision.ts"
import { evolve } from "../tailnet/Evolve.ts"
import type { TailnetState } from "../TailnetState.ts"
import { destinationDetails } from "./AuditDestinations.ts"
import { controlId } from "./AuditIds.ts"
import { type AuditDetail, auditLine, type AuditTarget, type Step, tailnetTarget } from "./AuditRecord.ts"
import { settingDetails } from "./AuditSettings.ts"
import { formatGoTime, type NanoTime, nanoTimeAfter } from "./NanoTime.ts"

const userTarget = (userId: string, state: TailnetState): AuditTarget => ({
  id: controlId("u", userId),
  name: state.members.get(userId)?.loginName ?? userId,
  type: "USER"
})

const keyTarget = (id: string, name: "API key" | "Ingest token"): AuditTarget => ({
  id: controlId("k", id),
  name,
  type: "API_KEY"
})

/** One API key or ingest token: what the audit log says of it. */
const keyDetail = (event: EventOf<"ApiKeyCreated" | "IngestTokenCreated">): AuditDetail => {
  if (event._tag === "IngestTokenCreated") {
    return {
      target: keyTarget(event.tokenId, "Ingest token"),
      action: "CREATE",
      new: { description: event.description }
    }
  }
  const { description, expiresAt, keyId, userId } = event
  const made = { expires: formatGoTime(expiresAt), user: controlId("u", userId), description }
  return { target: keyTarget(keyId, "API key"), action: "CREATE", new: made }
}

const planDetail = ({ after, before }: Step): AuditDetail => ({
  target: { ...tailnetTarget(after), type: "BILLING", property: "SUBSCRIPTION" },
  action: "UPDATE",
  old: before.plan,
  new: after.plan
})

/** No event name is published for external ids; the property is ours. */
const externalIdDetail = (
  { after, before }: Step,
  { _tag, externalId }: EventOf<"AwsExternalIdIssued" | "AwsExternalIdLinked" | "AwsExternalIdForgotten">
): AuditDetail => {
  const target = { ...tailnetTarget(after), property: "AWS_EXTERNAL_ID" }
  const view = (state: TailnetState) => {
    const account = state.externalIds.get(externalId)?.account ?? null
    return { externalId, ...(account === null ? {} : { awsAccountId: account }) }
  }
  if (_tag === "AwsExternalIdIssued") return { target, action: "CREATE", new: view(after) }
  if (_tag === "AwsExternalIdForgotten") return { target, action: "DELETE", old: view(before) }
  return { target, action: "UPDATE", old: view(before), new: view(after) }
}

const roleDetail = ({ after, before }: Step, { role, userId }: EventOf<"MemberRoleChanged">): AuditDetail => ({
  target: { ...userTarget(userId, after), property: "USER_ROLE" },
  action: "UPDATE",
  old: before.members.get(userId)?.role,
  new: role
})

const detailsOf = (step: Step, event: ControlEvent): ReadonlyArray<AuditDetail> => {
  const { after, before } = step
  switch (event._tag) {
    case "TailnetCreated":
      return [{ target: tailnetTarget(after), action: "CREATE" }]
    case "PlanChanged":
      return [planDetail(step)]
    case "SettingsChanged":
      return settingDetails(tailnetTarget(after), before.settings, event.settings)
    case "MemberAdded":
      return [{ target: userTarget(event.userId, after), action: "CREATE", new: { role: event.role } }]
    case "MemberRoleChanged":
      return [roleDetail(step, event)]
    case "MemberRemoved":
      return [{ target: userTarget(event.userId, before), action: "DELETE" }]
    case "ApiKeyCreated":
    case "IngestTokenCreated":
      return [keyDetail(event)]
    case "ApiKeyRevoked":
      return [{ target: keyTarget(event.keyId, "API key"), action: "REVOKE" }]
    case "IngestTokenRevoked":
      return [{ target: keyTarget(event.tokenId, "Ingest token"), action: "REVOKE" }]
    case "AwsExternalIdIssued":
    case "AwsExternalIdLinked":
    case "AwsExternalIdForgotten":
      return [externalIdDetail(step, event)]
    case "NoticeTaken":
    case "NoticeGiven":
      return []
    default:
      return destinationDetails(step, event)
  }
}

const isEndOfStream = ({ action, target }: AuditDetail) =>
  action === "DELETE" && target.property === "LOGSTREAM_ENDPOINT"

/** As the live service: a replacement is logged as CREATE of the new one, then DELETE of the old one. */
const inOrderOfLog = (details: ReadonlyArray<AuditDetail>): ReadonlyArray<AuditDetail> => [
  ...details.filter((it) => !isEndOfStream(it)),
  ...details.filter(isEndOfStream)
]

const detailsOfRecord = (state: TailnetState | undefined, taken: Taken): ReadonlyArray<AuditDetail> => {
  const details: Array<AuditDetail> = []
  let before = state
  for (const event of taken.record.events) {
    const after = evolve(before, event, taken)
    if (after !== undefined) details.push(...detailsOf({ before: before ?? after, after }, event))
    before = after
  }
  return inOrderOfLog(details)
}

export interface AuditLines {
  readonly lines: ReadonlyArray<string>
  /** `logged` of the last line; unchanged if there are none. */
  readonly logged: NanoTime | undefined
}

/**
 * The audit records of a control record that the fold took on `state`. `eventTime` rises by a nanosecond from event to
 * event; `logged` is the time of append (epoch milliseconds), rising likewise and never at or before `last`.
 */
export const auditLines = (
  state: TailnetState | undefined,
  taken: Taken,
  { appendedAt, last }: { readonly appendedAt: number; readonly last: NanoTime | undefined }
): AuditLines => {
  const { record } = taken
  let logged = last
  const lines = detailsOfRecord(state, taken).map((detail, index) => {
    logged = nanoTimeAfter(logged, appendedAt)
    return auditLine(record, { logged, eventTime: { millis: record.at, nanos: index } }, detail)
  })
  return { lines, logged }
}

/** The audit record of a write that was refused: who tried what, and the sentence they were told. */
export const failedRequestLine = (
  state: TailnetState,
  { command, ...envelope }: Pick<CommandEnvelope, "command" | "at" | "eventGroupID" | "origin" | "actor">,
  refusal: Pick<Refusal, "message">
): string => {
  const time: NanoTime = { millis: envelope.at, nanos: 0 }
  return auditLine(envelope, { logged: time, eventTime: time }, {
    target: { ...tailnetTarget(state), type: "FAILED_REQUEST" },
    action: "UPDATE",
    actionDetails: command._tag,
    error: refusal.message
  })
}

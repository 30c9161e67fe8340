/** How one event changes a tailnet. It cannot fail: whether a record counts was settled by the fold. */
import { ControlEvent } from "../ControlEvent.ts"
import type { TailnetState } from "../TailnetState.ts"
import type { Taken } from "./Decision.ts"
import { evolveDestination } from "./DestinationEvents.ts"
import { awsExternalIdForgotten, awsExternalIdIssued, awsExternalIdLinked } from "./ExternalIds.ts"
import { apiKeyCreated, apiKeyRevoked } from "./Keys.ts"
import { memberAdded, memberRemoved, memberRoleChanged } from "./Members.ts"
import { noticeGiven, noticeTaken } from "./Notices.ts"
import { planChanged, tailnetCreated } from "./Subscription.ts"
import { settingsChanged } from "./TailnetSettings.ts"
import { ingestTokenCreated, ingestTokenRevoked } from "./Tokens.ts"

const evolveExisting = (state: TailnetState, event: ControlEvent, taken: Taken): TailnetState =>
  ControlEvent.match(event, {
    TailnetCreated: () => state,
    PlanChanged: (it) => planChanged(state, it),
    SettingsChanged: (it) => settingsChanged(state, it),
    MemberAdded: (it) => memberAdded(state, it),
    MemberRoleChanged: (it) => memberRoleChanged(state, it),
    MemberRemoved: (it) => memberRemoved(state, it, taken),
    ApiKeyCreated: (it) => apiKeyCreated(state, it, taken),
    ApiKeyRevoked: (it) => apiKeyRevoked(state, it, taken),
    IngestTokenCreated: (it) => ingestTokenCreated(state, it, taken),
    IngestTokenRevoked: (it) => ingestTokenRevoked(state, it, taken),
    AwsExternalIdIssued: (it) => awsExternalIdIssued(state, it, taken),
    AwsExternalIdLinked: (it) => awsExternalIdLinked(state, it),
    AwsExternalIdForgotten: (it) => awsExternalIdForgotten(state, it),
    DestinationCreated: (it) => evolveDestination(state, it, taken),
    DestinationUpdated: (it) => evolveDestination(state, it, taken),
    DestinationPaused: (it) => evolveDestination(state, it, taken),
    DestinationResumed: (it) => evolveDestination(state, it, taken),
    DestinationTestRequested: (it) => evolveDestination(state, it, taken),
    DestinationDeleted: (it) => evolveDestination(state, it, taken),
    NoticeTaken: (it) => noticeTaken(state, it, taken),
    NoticeGiven: (it) => noticeGiven(state, it, taken)
  })

/** The tailnet after the event. Before `TailnetCreated` there is none, and no other event makes one. */
export const evolve = (
  state: TailnetState | undefined,
  event: ControlEvent,
  taken: Taken
): TailnetState | undefined => {
  if (state !== undefined) return evolveExisting(state, event, taken)
  return event._tag === "TailnetCreated" ? tailnetCreated(event, taken) : undefined
}

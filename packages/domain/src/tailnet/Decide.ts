/**
 * The one way from a command to events: who may (role as folded), what the plan includes, what the tailnet's state
 * allows. Pure: ids and times are in the command.
 */
import { Result } from "effect"
import { Command, type CommandEnvelope } from "../Command.ts"
import type { TailnetState } from "../TailnetState.ts"
import { noSuchTailnet, refusalOf } from "./Authority.ts"
import type { Decision } from "./Decision.ts"
import * as Destinations from "./Destinations.ts"
import * as ExternalIds from "./ExternalIds.ts"
import * as Keys from "./Keys.ts"
import * as Members from "./Members.ts"
import * as Notices from "./Notices.ts"
import * as Subscription from "./Subscription.ts"
import * as TailnetSettings from "./TailnetSettings.ts"
import * as Tokens from "./Tokens.ts"

const dispatch = (state: TailnetState, envelope: CommandEnvelope): Decision =>
  Command.match(envelope.command, {
    CreateTailnet: (it) => Subscription.createTailnet(state, it, envelope),
    ChangePlan: (it) => Subscription.changePlan(state, it, envelope),
    ChangeSettings: (it) => TailnetSettings.changeSettings(state, it, envelope),
    AddMember: (it) => Members.addMember(state, it, envelope),
    ChangeMemberRole: (it) => Members.changeMemberRole(state, it, envelope),
    RemoveMember: (it) => Members.removeMember(state, it, envelope),
    CreateApiKey: (it) => Keys.createApiKey(state, it, envelope),
    RevokeApiKey: (it) => Keys.revokeApiKey(state, it, envelope),
    CreateIngestToken: (it) => Tokens.createIngestToken(state, it, envelope),
    RevokeIngestToken: (it) => Tokens.revokeIngestToken(state, it, envelope),
    IssueAwsExternalId: (it) => ExternalIds.issueAwsExternalId(state, it, envelope),
    CreateDestination: (it) => Destinations.createDestination(state, it, envelope),
    UpdateDestination: (it) => Destinations.updateDestination(state, it, envelope),
    PutStream: (it) => Destinations.putStream(state, it, envelope),
    DeleteDestination: (it) => Destinations.deleteDestination(state, it, envelope),
    DeleteStream: (it) => Destinations.deleteStream(state, it, envelope),
    PauseDestination: (it) => Destinations.pauseDestination(state, it, envelope),
    ResumeDestination: (it) => Destinations.resumeDestination(state, it, envelope),
    TestDestination: (it) => Destinations.testDestination(state, it, envelope),
    TakeNotice: (it) => Notices.takeNotice(state, it, envelope),
    NoteNotice: (it) => Notices.noteNotice(state, it, envelope)
  })

/**
 * The events of a command on a tailnet (undefined: it does not exist), or why it is refused. No events: it is so
 * already. The refusals are those of `Refusal`; a stranger gets `NotFound`, not `Forbidden`.
 */
export const decide = (state: TailnetState | undefined, envelope: CommandEnvelope): Decision => {
  const { command, tailnet } = envelope
  if (command._tag === "CreateTailnet") return Subscription.createTailnet(state, command, envelope)
  if (state === undefined) return Result.fail(noSuchTailnet(tailnet))
  const refusal = refusalOf(state, envelope)
  return refusal === undefined ? dispatch(state, envelope) : Result.fail(refusal)
}

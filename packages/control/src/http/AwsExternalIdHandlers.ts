/** External ids for IAM roles, and the check of a role's trust policy. */
import { Missing, Principal, TailraceApi } from "@tailrace/api"
import { AwsIdentity } from "@tailrace/destinations"
import { Tailnet } from "@tailrace/domain"
import { Effect, Semaphore } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { mintUuid } from "../access/Credential.ts"
import { checkTrust, rolesOf } from "../aws/trust.ts"
import { Commands } from "../command/Commands.ts"

/** Checks under way at once: each asks AWS three times, in the operator's name. */
const checksAtOnce = 4

export const AwsExternalIdHandlers = HttpApiBuilder.group(
  TailraceApi,
  "awsExternalId",
  Effect.fnUntraced(function*(handlers) {
    const commands = yield* Commands
    const identity = yield* AwsIdentity
    const checks = yield* Semaphore.make(checksAtOnce)
    return handlers.handleAll({
      create: Effect.fnUntraced(function*({ params, payload }) {
        const who = yield* Principal
        const { name } = yield* commands.tailnet(who, params.tailnet)
        const minted = yield* mintUuid
        const reusable = payload?.reusable ?? false
        const command = { _tag: "IssueAwsExternalId" as const, externalId: minted, reusable }
        const envelope = yield* commands.envelope(who, { tailnet: name, command })
        yield* commands.check(envelope)
        const { account } = yield* rolesOf(identity)
        const { events, state } = yield* commands.execute(envelope)
        const given = events.length === 0 ? Tailnet.reusableExternalId(state)?.externalId : undefined
        return { externalId: given ?? minted, tailscaleAwsAccountId: account }
      }),
      validate: Effect.fnUntraced(function*({ params, payload }) {
        const { externalIds } = yield* commands.tailnetFor(yield* Principal, params.tailnet, "destinations:write")
        const issued = externalIds.get(params.externalId)
        if (issued === undefined) return yield* new Missing({ message: `external id ${params.externalId} not found` })
        const roles = yield* rolesOf(identity)
        yield* checks.withPermit(checkTrust(roles, issued, payload.roleArn))
      })
    })
  })
)

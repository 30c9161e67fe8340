/**
 * External ids of AWS: what a customer's trust policy asks for, so that a role can be assumed for this tailnet and for
 * no other. An id becomes linked with the AWS account of the first role that it is used with. Ids are random and never
 * issued twice; whether a role can be assumed is not known here.
 *
 * Rules from Tailscale's API (`POST …/aws-external-id`) and its page on streaming to S3; the reason for such ids:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
import { Result } from "effect"
import type { DestinationConfig } from "../config/index.ts"
import { awsAccountOf, type S3Role } from "../config/S3Config.ts"
import type { ControlEvent } from "../ControlEvent.ts"
import { Invalid } from "../Refusal.ts"
import type { AwsExternalId, TailnetState } from "../TailnetState.ts"
import { conflict, type Decider, type Decision, type EventOf, happen, invalid, type Taken } from "./Decision.ts"

/** Ids that a tailnet may have; the oldest one that no destination uses makes room for a new one. */
export const maxExternalIds = 1_000

/** What Tailscale's API says of an id that is absent or of somebody else. */
export const invalidExternalId = "invalid awsExternalId parameter"

const roleOf = (config: DestinationConfig | undefined): S3Role | undefined =>
  config?._tag === "s3" ? config.role : undefined

/** The id that every request for a reusable one gets until it is linked. */
export const reusableExternalId = (state: TailnetState): AwsExternalId | undefined =>
  [...state.externalIds.values()].find(({ account, reusable }) => reusable && account === null)

/** The oldest id that no live destination uses. */
const spare = (state: TailnetState): AwsExternalId | undefined => {
  const live = [...state.destinations.values()].filter(({ deleted }) => !deleted)
  const used = new Set(live.map(({ versions }) => roleOf(versions.at(-1)?.config)?.externalId))
  return [...state.externalIds.values()].find(({ externalId }) => !used.has(externalId))
}

const makeRoom = (state: TailnetState): ReadonlyArray<ControlEvent> => {
  const forgotten = state.externalIds.size < maxExternalIds ? undefined : spare(state)
  return forgotten === undefined ? [] : [{ _tag: "AwsExternalIdForgotten", externalId: forgotten.externalId }]
}

export const issueAwsExternalId: Decider<"IssueAwsExternalId"> = (state, { externalId, reusable }) => {
  if (reusable && reusableExternalId(state) !== undefined) return happen()
  if (externalId === "") return invalid("externalId", "must not be empty")
  if (state.externalIds.has(externalId)) return conflict(`the external id ${externalId} exists already`)
  const room = makeRoom(state)
  if (room.length === 0 && state.externalIds.size >= maxExternalIds) {
    return conflict(`a tailnet may use ${maxExternalIds} AWS external ids at most`)
  }
  return happen(...room, { _tag: "AwsExternalIdIssued", externalId, reusable })
}

const wrongAccount = (account: string, before: S3Role): Decision | undefined => {
  const old = awsAccountOf(before.arn)
  return old === account ? undefined : invalid(
    "s3RoleArn",
    `is a role of the AWS account ${account}, but the destination's is ${old}: a role can be changed within its ` +
      "account only; delete the destination and create it anew"
  )
}

/**
 * What the use of a configuration's role does to its external id, or why the role may not be used: in the place of
 * `before` (undefined: for a new destination). Nothing for a configuration without a role.
 */
export const useRole = (state: TailnetState, wanted: DestinationConfig, before?: DestinationConfig): Decision => {
  const [role, old] = [roleOf(wanted), roleOf(before)]
  if (role === undefined) return happen()
  const account = awsAccountOf(role.arn)
  if (account === undefined) return invalid("s3RoleArn", "must be the ARN of a role")
  const wrong = old === undefined ? undefined : wrongAccount(account, old)
  if (wrong !== undefined) return wrong
  const issued = state.externalIds.get(role.externalId)
  if (issued === undefined) return Result.fail(new Invalid({ field: "", message: invalidExternalId }))
  if (issued.account === null) return happen({ _tag: "AwsExternalIdLinked", externalId: issued.externalId, account })
  if (issued.account === account) return happen()
  const sentence = `is linked with the AWS account ${issued.account}: for a role of ${account} ask for a new one`
  return invalid("s3ExternalId", sentence)
}

export const awsExternalIdIssued = (
  state: TailnetState,
  { externalId, reusable }: EventOf<"AwsExternalIdIssued">,
  { record }: Taken
): TailnetState => ({
  ...state,
  externalIds: new Map(state.externalIds).set(externalId, {
    externalId,
    reusable,
    issuedAt: record.at,
    account: null
  })
})

export const awsExternalIdLinked = (
  state: TailnetState,
  { account, externalId }: EventOf<"AwsExternalIdLinked">
): TailnetState => {
  const before = state.externalIds.get(externalId)
  if (before === undefined) return state
  return { ...state, externalIds: new Map(state.externalIds).set(externalId, { ...before, account }) }
}

export const awsExternalIdForgotten = (
  state: TailnetState,
  { externalId }: EventOf<"AwsExternalIdForgotten">
): TailnetState => {
  const externalIds = new Map(state.externalIds)
  externalIds.delete(externalId)
  return { ...state, externalIds }
}
